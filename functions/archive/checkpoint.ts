import * as z from 'zod/mini';
import { utcDay } from './layout.ts';
import { timestampMs } from './timestamp.ts';

/**
 * What a thread record says of fetches that are not finished: under way, cut off, or longer than one invocation has time
 * for. The next capture needs it to go on, and to find what was written and not listed.
 */
const checkpointSchema = z.object({
  /**
   * Days, first and last, both included, in which parts may have been begun that the record does not list. Noted before
   * the first of them is written. `since` is the start of the last fetch that did, in the form of `sqlTimestamp`.
   */
  newDays: z.optional(z.object({ first: z.string(), last: z.string(), since: z.string() })),
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

/** The smallest range that holds some days, and another range if there is one. */
export function widen(
  range: NewDays | undefined,
  { days, since }: { days: string[]; since: string },
): NewDays {
  const all = [...days, ...(range === undefined ? [] : [range.first, range.last])].sort();
  return { first: all[0] ?? '', last: all.at(-1) ?? '', since };
}

const DAY_MS = 86_400_000;

/** Every day of a range, `YYYY-MM-DD`. */
export function daysOf(range: NewDays | undefined): string[] {
  if (range === undefined) return [];
  const [first, last] = [Date.parse(range.first), Date.parse(range.last)];
  return Array.from({ length: Math.max(0, (last - first) / DAY_MS + 1) }, (_, n) =>
    utcDay(new Date(first + n * DAY_MS)),
  );
}
