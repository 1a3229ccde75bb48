import { type ThreadId } from '../thread-id.ts';
import { isNotYet } from './gaps.ts';
import { partKey } from './layout.ts';
import { decodePart } from './part.ts';
import { type ObjectStore } from './store.ts';
import { type StoredThreadRecord } from './thread-record.ts';
import { timestampMs } from './timestamp.ts';

/** What events have announced of a thread. */
export type Announcement = {
  /** Messages. */
  messageIds: readonly string[];
  /** When the newest of the events happened, by HubSpot's clock, milliseconds since 1970. */
  occurredAt: number;
  /**
   * Whether nobody has tried to archive it before. Somebody who has may have been cut off after writing a part, and only
   * another fetch can tell whether the part is as HubSpot has it.
   */
  firstTry: boolean;
};

// HubSpot's clock shows whole seconds, so a fetch may have begun so much later than it is dated.
const CLOCK_GRAIN_MS = 1_000;

/**
 * How long HubSpot is given to settle, for a queue that holds events back so long: half of that, less the second that a
 * fetch may be dated too early by. Then a burst of events within the delay costs a worker two fetches at most, if the delay
 * is two seconds or more: the first one, at the end of the delay, covers the first half of the burst, and the next one, at
 * least half a delay later, all of it.
 */
export function settlingMs(coalesceMs: number): number {
  return Math.max(0, coalesceMs / 2 - CLOCK_GRAIN_MS);
}

// An announced message is a recent one, so it stands in one of the newest parts or is not looked for further.
const PARTS_SEARCHED = 3;

/**
 * Whether an earlier fetch has provably seen all that is announced, so that HubSpot need not be asked again. Proof of a
 * message is the message itself, in the archive. Proof of anything else that the event may be about, or that came with it
 * unannounced, is a fetch that began some time after it: both times are HubSpot's own, so no clock of ours can make it wrong.
 * @param settlingMs that time: how far HubSpot's answers may lag behind its events
 */
export async function isCovered(
  store: ObjectStore,
  id: ThreadId,
  record: StoredThreadRecord,
  { messageIds, occurredAt, firstTry, settlingMs }: Announcement & { settlingMs: number },
): Promise<boolean> {
  if (
    !firstTry ||
    record.complete === false ||
    timestampMs(record.fetch_started_at) < occurredAt + settlingMs
  )
    return false;
  if (record.gaps?.some(isNotYet) === true) return false;
  // A fetch that found no thread has seen nothing, and an event says that there is something to be seen.
  if (record.deleted_at !== null) return false;
  return (await notArchived(store, id, record, messageIds)).length === 0;
}

/** Those of some recently announced messages that the archive does not have. */
export async function notArchived(
  store: ObjectStore,
  id: ThreadId,
  record: StoredThreadRecord,
  messageIds: Iterable<string>,
): Promise<string[]> {
  const wanted = new Set(messageIds);
  const newestDays = record.parts
    .map((part) => part.dt)
    .toSorted()
    .reverse()
    .slice(0, PARTS_SEARCHED);
  for (const dt of newestDays) {
    if (wanted.size === 0) break;
    const key = partKey({ ...id, dt });
    const part = await store.get(key);
    if (part === undefined) continue;
    for (const row of await decodePart(part.body, key)) wanted.delete(row.message_id);
  }
  return [...wanted];
}
