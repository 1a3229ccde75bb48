/** Lets requests through one by one, no faster than a rate. Shared by everything that calls HubSpot in a process. */
export type Pacer = {
  /** Resolves when the caller may send one request. */
  turn: () => Promise<void>;
  /** Nobody gets a turn for so many milliseconds from now; a longer pause under way is not shortened. */
  pause: (ms: number) => void;
};

/** The clock and the waiting, passed in so that tests need neither. */
export type Clock = { now: () => number; sleep: (ms: number) => Promise<void> };

/**
 * A pacer with evenly spaced turns, first come first served. A turn taken late is made up for by at most one spacing,
 * so over any 10 s at most 10 × rate + 2 requests start. HubSpot counts a rolling 10 s per app
 * (https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, read November 2026).
 * @param perSecond requests per second; `Infinity` for no pacing
 */
export function createPacer(perSecond: number, { now, sleep }: Clock): Pacer {
  const spacingMs = 1000 / perSecond;
  let nextTurnAt = 0;
  let pausedUntil = 0;
  let lastInLine: Promise<void> = Promise.resolve();

  async function takeTurn(): Promise<void> {
    // A pause may begin while we sleep, so look again after each sleep.
    for (let wait = waitMs(); wait > 0; wait = waitMs()) await sleep(wait);
    nextTurnAt = Math.max(nextTurnAt, now() - spacingMs) + spacingMs;
  }
  const waitMs = () => Math.max(nextTurnAt, pausedUntil) - now();

  return {
    turn() {
      lastInLine = lastInLine.then(takeTurn);
      return lastInLine;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
  };
}
