import { type Clock } from '../../functions/hubspot/pacer.ts';

/** A clock that stands still until somebody sleeps, and then is at the time they wanted. */
export function virtualClock(startMs = 0): Clock & { sleeps: number[] } {
  let nowMs = startMs;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => nowMs,
    sleep: (ms) => {
      sleeps.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}
