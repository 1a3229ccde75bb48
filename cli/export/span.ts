import { timestampMs } from '../../functions/archive/timestamp.ts';
import { type ZoneClock } from './zone-clock.ts';

/** The time that was asked for: from `since`, before `until`, milliseconds since 1970. */
export type Span = { since: number | undefined; until: number | undefined };

/** Messages that were counted, with the times of the first and the last. */
export type Tally = { messages: number; first_at: string | null; last_at: string | null };

/** What of a thread is outside the time that was asked for. */
export type Outside = { before: Tally; after: Tally };

/** The span of days in a zone, both included. */
export function spanOf(
  { since, until }: { since: string | undefined; until: string | undefined },
  clock: ZoneClock,
): Span {
  return {
    since: since === undefined ? undefined : clock.startOfDay(since),
    until: until === undefined ? undefined : clock.startOfDay(clock.nextDay(until)),
  };
}

/** Where a time of the archive is: within the span, or on which side of it. */
export function placeInSpan(timestamp: string, { since, until }: Span): 'within' | 'before' | 'after' {
  const ms = timestampMs(timestamp);
  if (since !== undefined && ms < since) return 'before';
  return until !== undefined && ms >= until ? 'after' : 'within';
}

/** Nothing counted so far. */
export function emptyTally(): Tally {
  return { messages: 0, first_at: null, last_at: null };
}

/** Counts a message. They come in the order of their times. */
export function count(tally: Tally, timestamp: string): void {
  tally.messages++;
  tally.first_at ??= timestamp;
  tally.last_at = timestamp;
}
