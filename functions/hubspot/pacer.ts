/** Lets requests through one by one, no faster than a rate. Shared by everything that calls HubSpot in a process. */
export type Pacer = {
  /** Resolves when the caller may send one request. */
  turn: () => Promise<void>;
  /** Nobody gets a turn for so many milliseconds from now; a longer pause under way is not shortened. */
  pause: (ms: number) => void;
};

/** The clock and the waiting, passed in so that tests need neither. */
export type Clock = { now: () => number; sleep: (ms: number) => Promise<void> };

// HubSpot counts the calls of an app in any ten seconds
// (https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, read November 2026).
const WINDOW_MS = 10_000;
// Between two batches nobody asks for a turn for most of a second; a rate that is not made up for is lost.
const MOST_MADE_UP_MS = 1_000;

/**
 * A pacer with evenly spaced turns, first come first served. Turns that nobody took are made up for, those of the last
 * second at most, and never so that more than 10 × rate requests (rounded up) start in any 10 s. Time spent in a pause is
 * not made up for.
 * @param perSecond requests per second; `Infinity` for no pacing
 */
export function createPacer(perSecond: number, { now, sleep }: Clock): Pacer {
  const spacingMs = 1000 / perSecond;
  const mostInWindow = Math.ceil((perSecond * WINDOW_MS) / 1000);
  // When the turns of the last ten seconds were taken, oldest first.
  const taken: number[] = [];
  let nextTurnAt = now();
  let lastInLine: Promise<void> = Promise.resolve();

  async function takeTurn(): Promise<void> {
    // A pause may begin while we sleep, so look again after each sleep.
    for (let wait = waitMs(); wait > 0; wait = waitMs()) await sleep(wait);
    nextTurnAt = Math.max(nextTurnAt, now() - MOST_MADE_UP_MS) + spacingMs;
    taken.push(now());
  }

  function waitMs(): number {
    while ((taken[0] ?? Infinity) <= now() - WINDOW_MS) taken.shift();
    const roomAt = (taken.at(-mostInWindow) ?? -Infinity) + WINDOW_MS;
    return Math.max(nextTurnAt, roomAt) - now();
  }

  return {
    turn() {
      lastInLine = lastInLine.then(takeTurn);
      return lastInLine;
    },
    pause(ms) {
      nextTurnAt = Math.max(nextTurnAt, now() + ms);
    },
  };
}
