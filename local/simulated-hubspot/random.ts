import { hash } from 'node:crypto';

/**
 * A seeded source of randomness. The same seed gives the same sequence on every machine.
 * `fork` depends on the seed and the label alone, never on what was drawn before: what is derived from a fork per
 * thread, message or page is the same in whatever order requests come in.
 */
export type Random = {
  /** A fraction: 0 included, 1 not. */
  next: () => number;
  /** A whole number, both ends included. */
  int: (from: number, to: number) => number;
  /** True in about this share of the calls: 0 never, 1 always. */
  chance: (share: number) => boolean;
  /** One of the items. @throws RangeError on an empty list */
  pick: <T>(items: readonly T[]) => T;
  /** Lower-case hexadecimal digits. */
  hex: (digits: number) => string;
  /** An independent source, named by the label. */
  fork: (label: string) => Random;
};

/** A source for this seed. Seeds that print alike (7 and '7') are the same seed. */
export function createRandom(seed: string | number): Random {
  const name = String(seed);
  const next = createSfc32(name);
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick(items) {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from: the list is empty');
      return item;
    },
    hex(digits) {
      let text = '';
      while (text.length < digits) text += int(0, 0xffff).toString(16).padStart(4, '0');
      return text.slice(0, digits);
    },
    fork: (label) => createRandom(`${name}/${label}`),
  };
}

/**
 * A fixed text for a name: the first 32 hexadecimal digits of its SHA-256. For ids, where two equal ones would make
 * a false finding and 32 bits of a small generator would repeat after some ten thousand draws.
 */
export function hexIdOf(name: string): string {
  return hash('sha256', name, 'hex').slice(0, 32);
}

/**
 * sfc32, the "small fast counter" generator of Chris Doty-Humphrey's PractRand: 128 bits of state, no multiplication.
 * Source: https://github.com/bryc/code/blob/master/jshash/PRNGs.md (public domain, read November 2026).
 * Its four words of state are a SHA-256 of the name, so that names which differ in one letter have nothing in common.
 */
function createSfc32(name: string): () => number {
  const words = hash('sha256', name, 'buffer');
  let a = words.readInt32LE(0);
  let b = words.readInt32LE(4);
  let c = words.readInt32LE(8);
  let counter = words.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}
