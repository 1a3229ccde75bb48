/**
 * How `requestsPerSecond` is divided among what calls HubSpot. They share nothing while they run, so each paces itself at a
 * share that is its own, used or not, and together they stay below HubSpot's limit.
 */
const SHARES = {
  /** What happens now: archive-thread, all its workers together. */
  archiver: 0.8,
  /** Kept free for what must not wait behind ordinary work: the last snapshot of a thread that is deleted. */
  urgent: 0.1,
  /** For looking for what no event has brought: the lists of sweep-threads. */
  sweeper: 0.1,
} as const;

/** The requests per second that one of them may make, of so many in all. */
export function shareOf(whose: keyof typeof SHARES, requestsPerSecond: number): number {
  return Number((requestsPerSecond * SHARES[whose]).toFixed(3));
}
