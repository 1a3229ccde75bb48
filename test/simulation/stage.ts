import { type Choice, type Choices, type Draw } from './choices.ts';
import { type VirtualClock } from './clock.ts';
import { type Life } from './life.ts';
import { type Episode, type Plan, type Shares } from './plan.ts';

/** Something that must not be, by the number of the invariant it breaks. */
export type Violation = { invariant: number; what: string };

/** What every part of a run shares: the time, the choices, and what is written down. */
export type Stage = {
  plan: Plan;
  clock: VirtualClock;
  choices: Choices;
  violations: Violation[];
  violate: (invariant: number, what: string) => void;
  /** Counts something that happened. */
  count: (what: string) => void;
  counts: Map<string, number>;
  trace: (line: () => string) => void;
  lines: string[];
  /** Whether HubSpot's content no longer changes. */
  isGrown: boolean;
  /** HubSpot's trouble of the moment. */
  episode: () => Episode | undefined;
  /** How a call goes: how long it takes, whether it crashes, and now and then a fault of its kind. */
  draw: (random: Draw, kind: keyof Shares, drawFault: (random: Draw) => Choice) => Choice;
  /** A call as `callOutside` takes it, counted. */
  call: (
    life: Life,
    place: string,
    choice: Choice,
  ) => { life: Life; choice: Choice; onCrash: (life: Life) => void };
};

const MOST_VIOLATIONS = 20;

export function createStage(
  plan: Plan,
  clock: VirtualClock,
  choices: Choices,
  { isTraced, crash }: { isTraced: boolean; crash: (life: Life) => void },
): Stage {
  const { startAt, shares, longestCall } = plan.settings;
  const violations: Violation[] = [];
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const trace = (line: () => string): void => {
    if (isTraced) lines.push(`${((clock.now() - startAt) / 1000).toFixed(3).padStart(10)}  ${line()}`);
  };

  return {
    plan,
    clock,
    choices,
    violations,
    violate(invariant, what) {
      trace(() => `*** breaks invariant ${invariant}: ${what}`);
      if (violations.length < MOST_VIOLATIONS) violations.push({ invariant, what });
    },
    count,
    counts,
    trace,
    lines,
    isGrown: false,
    episode: () => {
      const at = clock.now() - startAt;
      return plan.episodes.find(({ from, until }) => at >= from && at < until);
    },
    draw(random, kind, drawFault) {
      const choice: Choice = {};
      if (random.chance(shares.jitter))
        Object.assign(choice, { before: random.int(1, longestCall), after: random.int(1, longestCall) });
      if (random.chance(shares.slow))
        choice[random.pick(['before', 'after'] as const)] = random.int(1_000, 60_000);
      if (random.chance(shares.crash)) choice.crash = random.pick(['before', 'after']);
      if (random.chance(shares[kind])) Object.assign(choice, drawFault(random));
      return choice;
    },
    call(life, place, choice) {
      if (choice.fault !== undefined) count(`${place.split(' ')[0] ?? ''} ${choice.fault}`);
      const onCrash = (dead: Life) => {
        count(`crash ${choice.crash ?? ''}`);
        trace(() => `${dead.name} dies ${choice.crash ?? ''} ${place}`);
        crash(dead);
      };
      return { life, choice, onCrash };
    },
  };
}
