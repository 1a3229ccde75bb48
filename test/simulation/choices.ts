/** A seeded source of randomness: mulberry32 over a hash of the seed's text. Fast; one is made for every choice. */
export type Draw = {
  /** A fraction: 0 included, 1 not. */
  next: () => number;
  /** A whole number, both ends included. */
  int: (from: number, to: number) => number;
  /** True in this share of the calls. */
  chance: (share: number) => boolean;
  pick: <T>(items: readonly T[]) => T;
};

export function createDraw(seed: string): Draw {
  let state = hashOf(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return { next, int, chance: (share) => next() < share, pick: (items) => items[int(0, items.length - 1)]! };
}

// FNV-1a, then murmur3's finish: neighbouring texts have nothing in common.
function hashOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** What goes otherwise than it should at one place of a run: times in milliseconds, and the name of a fault. */
export type Choice = {
  /** Until it arrives. */
  before?: number;
  /** Until the answer is back. */
  after?: number;
  fault?: string;
  /** What the fault needs: a status, a delay in milliseconds. */
  value?: number;
  /** The worker dies before, or just after, it has happened. */
  crash?: 'before' | 'after';
};

/** Decides, place by place, what goes wrong; remembers what it decided, so that a run can be repeated and thinned out. */
export type Choices = {
  take: (place: string, draw: (random: Draw) => Choice) => Choice;
  /** From now on nothing goes wrong. */
  calm: () => void;
  /** What was decided so far, without what went as it should. */
  made: ReadonlyMap<string, Choice>;
};

/**
 * Choices by seed; or, when `fixed` are given, those alone. A place is named by what is done there and how often it was
 * done before, so that leaving one choice out moves the others as little as possible.
 */
export function createChoices(seed: string, fixed?: ReadonlyMap<string, Choice>): Choices {
  const counts = new Map<string, number>();
  const made = new Map<string, Choice>();
  let isCalm = false;
  return {
    made,
    take(place, draw) {
      if (isCalm) return NOTHING;
      const count = (counts.get(place) ?? 0) + 1;
      counts.set(place, count);
      const key = `${place} #${count}`;
      const choice = fixed === undefined ? draw(createDraw(`${seed}/${key}`)) : fixed.get(key);
      if (choice === undefined || isNothing(choice)) return NOTHING;
      made.set(key, choice);
      return choice;
    },
    calm() {
      isCalm = true;
    },
  };
}

const NOTHING: Choice = {};

function isNothing(choice: Choice): boolean {
  for (const _ in choice) return false;
  return true;
}
