import { type Choice } from './choices.ts';
import { type VirtualClock } from './clock.ts';

/** A process that may die: what it has sent is on its way, and no answer ever reaches it. */
export type Life = {
  readonly name: string;
  isAlive: boolean;
  /** Calls of the outside world that it waits for, sleeps included. */
  waiting: number;
  /** Invocations under way in it. */
  busy: number;
  /** Runs once, when it dies. */
  onDeath: () => void;
};

export function createLife(name: string): Life {
  return { name, isAlive: true, waiting: 0, busy: 0, onDeath: () => undefined };
}

/** Ends a process, once. */
export function kill(life: Life): void {
  if (!life.isAlive) return;
  life.isAlive = false;
  life.onDeath();
}

// What a call takes when nothing was chosen for it.
const BEFORE_MS = 4;
const AFTER_MS = 3;

/**
 * A call of the outside world: after a while it arrives and takes effect, and after another the answer is back. A crash
 * comes in between, or before; a process that died otherwise has its call take effect all the same.
 */
export function callOutside<T>(
  clock: VirtualClock,
  { life, choice, onCrash }: { life: Life; choice: Choice; onCrash: (life: Life) => void },
  effect: () => T | Lasting<T>,
): Promise<T> {
  life.waiting++;
  return new Promise((resolve, reject) => {
    clock.after(choice.before ?? BEFORE_MS, () => {
      if (choice.crash === 'before' && life.isAlive) {
        onCrash(life);
        return;
      }
      const settle = settlement(effect);
      if (choice.crash === 'after' && life.isAlive) onCrash(life);
      if (settle.afterMs === Infinity) return;
      clock.after(settle.afterMs ?? choice.after ?? AFTER_MS, () => {
        if (!life.isAlive) return;
        life.waiting--;
        if ('error' in settle) reject(settle.error);
        else resolve(settle.value as T);
      });
    });
  });
}

/** An outcome whose answer takes a time of its own, in milliseconds. */
export class Lasting<T> {
  readonly afterMs: number;
  readonly outcome: () => T;

  constructor(afterMs: number, outcome: () => T) {
    this.afterMs = afterMs;
    this.outcome = outcome;
  }
}

type Settlement = { afterMs?: number } & ({ value: unknown } | { error: Error });

function settlement(effect: () => unknown): Settlement {
  try {
    const value = effect();
    return value instanceof Lasting ? { afterMs: value.afterMs, ...settlement(value.outcome) } : { value };
  } catch (error) {
    return { error: error as Error };
  }
}

/** Sleeps on the virtual clock; one who died never wakes up. */
export function sleepIn(clock: VirtualClock, life: Life, ms: number): Promise<void> {
  life.waiting++;
  return new Promise((resolve) => {
    clock.after(ms, () => {
      if (!life.isAlive) return;
      life.waiting--;
      resolve();
    });
  });
}
