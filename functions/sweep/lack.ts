import { readTimestamp } from '../archive/fields.ts';
import { isNotYet } from '../archive/gaps.ts';
import { type StoredThreadRecord, type ThreadFields, threadFields } from '../archive/thread-record.ts';
import { timestampMs } from '../archive/timestamp.ts';
import { type FetchedThread } from '../hubspot/conversations.ts';

/**
 * Why a thread that HubSpot lists must be read. `never archived`: there is no record of it. `unfinished`: its last fetch, or an
 * original or file of it, has not come to its end. `newer message`: its newest message is not in the archive. `changed`: its
 * status, its assignee or another of its fields is not as in the record, or it went into or out of the trash, or it is there
 * again after a fetch that did not find it.
 */
export type Lack = 'never archived' | 'unfinished' | 'newer message' | 'changed';

/**
 * A fetch that began so long after a message has seen it. How late HubSpot shows a message is not documented, so this
 * is generous; and its clock shows whole seconds.
 */
const SETTLED_MS = 300_000;

// Absence says something for these alone: what a listing leaves out of the others may be in the thread all the same.
const MAY_BE_TAKEN_AWAY: readonly (keyof ThreadFields)[] = ['assigned_to', 'closed_at'];

/** What the archive lacks of a thread as it is listed; undefined when it has all, or may have nothing of it. Pure. */
export function lackOf(
  record: StoredThreadRecord | undefined,
  { thread, raw }: FetchedThread,
): Lack | undefined {
  if (record === undefined) return 'never archived';
  if (typeof record.erased_at === 'string') return undefined;
  if (record.complete === false || record.gaps?.some(isNotYet) === true) return 'unfinished';
  if (isNewerThanArchived(record, readTimestamp(thread, 'latestMessageTimestamp'))) return 'newer message';
  // A fetch that did not find it has left the fields as they were.
  const isBack = record.deleted_at !== null && !thread.archived;
  return isBack || hasChanged(record, threadFields(thread, raw)) ? 'changed' : undefined;
}

function isNewerThanArchived(record: StoredThreadRecord, newest: string | null): boolean {
  if (newest === null || (record.last_message_at ?? '') >= newest) return false;
  return timestampMs(record.fetch_started_at) < timestampMs(newest) + SETTLED_MS;
}

function hasChanged(record: StoredThreadRecord, { raw: _raw, ...listed }: ThreadFields): boolean {
  return Object.entries(listed).some(([column, value]) => {
    const isTold = value !== null || MAY_BE_TAKEN_AWAY.some((each) => each === column);
    return isTold && (record[column] ?? null) !== value;
  });
}
