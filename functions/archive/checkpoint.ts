import * as z from 'zod/mini';
import { utcDay } from './layout.ts';
import { timestampMs } from './timestamp.ts';

/**
 * What a thread record says of fetches that are not finished: under way, cut off, or longer than one invocation has time
 * for. The next capture needs it to go on, and to find what was written and not listed.
 */
const checkpointSchema = z.object({
  /**
   * Days, first and last, both included, in which parts may have been begun that the record does not list; and further ones,
   * `apart`, one by one. Noted before the first of them is written. `since` is the start of the last fetch that did, in the
   * form of `sqlTimestamp`.
   */
  newDays: z.optional(
    z.object({
      first: z.string(),
      last: z.string(),
      since: z.string(),
      apart: z.optional(z.array(z.string())),
    }),
  ),
  /** Where a long history goes on: at a place, or, when it is read to its end, with what the record's gaps name. */
  resume: z.optional(
    z.object({
      place: z.optional(z.object({ cursor: z.string(), archived: z.boolean() })),
      /** Pages read so far. */
      pages: z.int(),
      /** The days that have been merged, each with the archived messages that the fetch has not found there. */
      days: z.array(z.tuple([z.string(), z.array(z.string())])),
    }),
  ),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
/** Days in which parts may have been begun that the record does not list. */
export type NewDays = NonNullable<Checkpoint['newDays']>;

// No worker lives that long, and no write of it is on its way for longer: Lambda ends an invocation after 15 minutes at most
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read November 2026).
export const LONGEST_LIFE_MS = 3_600_000;

/** The text of a checkpoint, as the record has it: null when there is nothing in it. */
export function encodeCheckpoint({ newDays, resume }: Checkpoint): string | null {
  return newDays === undefined && resume === undefined ? null : JSON.stringify({ newDays, resume });
}

/**
 * Reads the text of a checkpoint.
 * @throws when it is none
 */
export function decodeCheckpoint(text: string): Checkpoint {
  return z.parse(checkpointSchema, JSON.parse(text));
}

/** Whether who noted these days may still be writing. */
export function mayStillGrow({ since }: NewDays, now: string): boolean {
  return timestampMs(now) - timestampMs(since) < LONGEST_LIFE_MS;
}

// Each day of a range is looked for, which costs a request. Senders name times that they do not mean: the years 1, 1970 and
// 9999 are what an unset time is in one language or another. HubSpot was founded in 2006.
const FIRST_LIKELY_DAY = '2006-01-01';
const LIKELY_AHEAD_MS = 2 * 86_400_000;

/** The smallest range that holds some days, and another range if there is one. Days that are hardly meant stay apart. */
export function widen(
  range: NewDays | undefined,
  { days, since }: { days: string[]; since: string },
): NewDays {
  const lastLikely = utcDay(new Date(timestampMs(since) + LIKELY_AHEAD_MS));
  const isLikely = (day: string) => day >= FIRST_LIKELY_DAY && day <= lastLikely;
  const likely = [...days.filter(isLikely), ...(range === undefined ? [] : [range.first, range.last])].sort();
  const apart = new Set([...(range?.apart ?? []), ...days.filter((day) => !isLikely(day))]);
  return {
    first: likely[0] ?? since.slice(0, 10),
    last: likely.at(-1) ?? since.slice(0, 10),
    since,
    ...(apart.size > 0 && { apart: [...apart].sort() }),
  };
}

/** Whether a day is one of those noted. */
export function holds({ first, last, apart = [] }: NewDays, day: string): boolean {
  return (day >= first && day <= last) || apart.includes(day);
}

const DAY_MS = 86_400_000;

/** Every day of a range, and those apart from it, `YYYY-MM-DD`. */
export function daysOf(range: NewDays | undefined): string[] {
  if (range === undefined) return [];
  const [first, last] = [Date.parse(range.first), Date.parse(range.last)];
  const within = Array.from({ length: Math.max(0, (last - first) / DAY_MS + 1) }, (_, n) =>
    utcDay(new Date(first + n * DAY_MS)),
  );
  return [...within, ...(range.apart ?? [])];
}
