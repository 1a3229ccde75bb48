import * as z from 'zod/mini';
import { HubSpotError, UnobtainableError } from '../errors.ts';
import { timestampMs } from './timestamp.ts';

/** A gap as the thread record has it. */
export const gapSchema = z.object({
  dt: z.string(),
  message_id: z.string(),
  /** Of an attached file; null for an original. */
  file_id: z.nullable(z.string()),
  kind: z.enum(['original', 'attachment']),
  /** See {@link reasonOf}. */
  reason: z.string(),
  /** Start of the fetch that first noted it so, or last tried in vain. */
  noted_at: z.string(),
});

/** An original or a file that the archive lacks. */
export type Gap = z.infer<typeof gapSchema>;
/** What is lacking, wherever its day. */
export type GapId = Pick<Gap, 'kind' | 'message_id' | 'file_id'>;

const NOT_YET = 'not yet';
const PATIENCE_MS = 24 * 3_600_000;

/** Whether it is still promised: tried again at once, by whatever capture comes. */
export function isNotYet({ reason }: Gap): boolean {
  return reason === NOT_YET;
}

/** Whether it is to be tried: at once while it is promised, once a day when it was given up. */
export function isDue(gap: Gap, now: string): boolean {
  return isNotYet(gap) || timestampMs(now) - timestampMs(gap.noted_at) >= PATIENCE_MS;
}

/** One string for what is lacking. */
export function gapKey({ kind, message_id, file_id }: GapId): string {
  return `${kind}/${message_id}/${file_id ?? ''}`;
}

/**
 * The gap that there is while something is still promised: since when does not change as long as it is.
 */
export function promised(id: GapId & { dt: string }, before: Gap | undefined, now: string): Gap {
  const noted_at = before !== undefined && isNotYet(before) ? before.noted_at : now;
  return { ...idOf(id), reason: NOT_YET, noted_at };
}

/**
 * The gap that a failure leaves. What HubSpot refuses is given up for a day. Everything else is `not yet`; what has been
 * that for a day is called `failing` and given up likewise, so that one file that never comes does not hold up the records
 * of its thread for ever.
 */
export function gapAfter(
  error: unknown,
  id: GapId & { dt: string },
  before: Gap | undefined,
  now: string,
): Gap {
  const reason = error instanceof UnobtainableError ? error.reason : undefined;
  if (reason !== undefined) return { ...idOf(id), reason, noted_at: now };
  const gap = promised(id, before, now);
  const isLasting = timestampMs(now) - timestampMs(gap.noted_at) >= PATIENCE_MS;
  return isLasting && error instanceof HubSpotError ? { ...gap, reason: 'failing', noted_at: now } : gap;
}

/** The gaps of a thread: of days that were visited those that there are now, of others those that were noted. */
export function mergeGaps(before: readonly Gap[], byDay: ReadonlyMap<string, readonly Gap[]>): Gap[] {
  const untouched = before.filter(({ dt }) => !byDay.has(dt));
  const order = (gap: Gap) => `${gap.dt}/${gap.message_id}/${gapKey(gap)}`;
  return [...untouched, ...[...byDay.values()].flat()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function idOf({ dt, message_id, file_id, kind }: GapId & { dt: string }): Omit<Gap, 'reason' | 'noted_at'> {
  return { dt, message_id, file_id, kind };
}
