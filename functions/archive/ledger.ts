import { ConflictError } from '../errors.ts';
import { type FetchedThread } from '../hubspot/conversations.ts';
import { type Checkpoint, encodeCheckpoint, holds, mayStillGrow, type NewDays, widen } from './checkpoint.ts';
import { mergeGaps } from './gaps.ts';
import { threadRecordKey } from './layout.ts';
import { type Fetch } from './merge-pages.ts';
import { type ArchivedPart, describeObject } from './parts.ts';
import { type ObjectStore } from './store.ts';
import {
  encodeThreadRecord,
  type KnownThread,
  type PartEntry,
  SCHEMA_VERSION,
  type StoredThreadRecord,
  threadFields,
  type ThreadRecord,
} from './thread-record.ts';

/** How far the fetch is merged. */
export type Progress = { complete: boolean; checkpoint: Checkpoint };

/** The thread record in the hands of one capture, which may write it several times over. */
export type Ledger = {
  /**
   * Writes the record, with the parts that the capture came by. Gives the number of messages in the archive.
   * @throws ConflictError when it is no longer the record that this capture has read or written
   */
  write: (parts: readonly ArchivedPart[], progress: Progress) => Promise<number>;
  /** Notes a day before a part of it is created, so that a part cannot be there of which nobody knows. */
  beginDay: (dt: string) => Promise<unknown>;
  /** The days that others have noted, who may still be writing; those of this capture too, when it has not come to an end. */
  newDays: (options: { ended: boolean }) => NewDays | undefined;
};

type Subject = {
  /** The record as it was before. */
  known: KnownThread | undefined;
  /** HubSpot's thread; undefined when it has none. */
  found: FetchedThread | undefined;
  apiVersion: string;
};

/** The record of the fetch's thread, as it is written during that fetch. */
export function openLedger(store: ObjectStore, fetch: Fetch, subject: Subject): Ledger {
  const { known } = subject;
  const inherited = known?.checkpoint?.newDays;
  let etag = known?.etag;
  // Nobody relies on another's note: that one takes it away when it is done.
  let noted: NewDays | undefined;
  let lastNote: Promise<unknown> = Promise.resolve();

  async function write(parts: readonly ArchivedPart[], progress: Progress): Promise<number> {
    const record = composeRecord(fetch, subject, { parts, ...progress });
    etag = await putRecord(store, fetch, { record, etag });
    return record.message_count;
  }

  function beginDay(dt: string): Promise<unknown> {
    if (noted === undefined || !holds(noted, dt)) {
      // Days are read oldest first, and usually none is later than the fetch: one note does for all of them.
      const since = fetch.fetchStartedAt;
      noted = widen(noted ?? inherited, { days: [dt, fetch.firstNewDay ?? dt, since.slice(0, 10)], since });
      const checkpoint = { ...known?.checkpoint, newDays: noted };
      lastNote = lastNote.then(() => write([], { complete: false, checkpoint }));
    }
    return lastNote;
  }

  return {
    write,
    beginDay,
    newDays: ({ ended }) => {
      if (!ended) return noted ?? inherited;
      return inherited !== undefined && mayStillGrow(inherited, fetch.fetchStartedAt) ? inherited : undefined;
    },
  };
}

function composeRecord(
  fetch: Fetch,
  { known, found, apiVersion }: Subject,
  { parts, complete, checkpoint }: Progress & { parts: readonly ArchivedPart[] },
) {
  const before = known?.record;
  const entries = mergeEntries(before?.parts ?? [], parts);
  const thread = found === undefined ? before : threadFields(found.thread, found.raw);
  const isDeleted = found === undefined || found.thread.archived;
  return {
    ...(thread ?? threadFields({ id: fetch.threadId }, null)),
    fetch_started_at: fetch.fetchStartedAt,
    complete,
    checkpoint: encodeCheckpoint(checkpoint),
    fetched_by: fetch.requestId,
    api_version: apiVersion,
    pages: fetch.pages,
    message_count: entries.reduce((sum, entry) => sum + entry.messages, 0),
    // Rows never leave a part, so what was the first stays the first unless there is an earlier one.
    first_message_at: least([before?.first_message_at, ...parts.map((part) => part.firstMessageAt)]),
    last_message_at: greatest([before?.last_message_at, ...parts.map((part) => part.lastMessageAt)]),
    parts: entries,
    unseen_message_ids: [...fetch.awaited].sort(),
    gaps: mergeGaps(before?.gaps ?? [], fetch.gaps),
    deleted_at: isDeleted ? (before?.deleted_at ?? fetch.fetchStartedAt) : null,
    erased_at: before?.erased_at ?? null,
    erasure_event: before?.erasure_event ?? null,
    erasure_requested_at: before?.erasure_requested_at ?? null,
    erasure_outcome: before?.erasure_outcome ?? null,
    schema_version: SCHEMA_VERSION,
  };
}

/** What is known of each day, oldest first: of a part that was come by now, what it is now. */
function mergeEntries(before: readonly PartEntry[], parts: readonly ArchivedPart[]): PartEntry[] {
  const entries = new Map(before.map((entry) => [entry.dt, entry]));
  for (const { entry } of parts) entries.set(entry.dt, entry);
  return [...entries.values()].sort((a, b) => (a.dt < b.dt ? -1 : 1));
}

function least(times: readonly (string | null | undefined)[]): string | null {
  return times.filter((time) => time != null).sort()[0] ?? null;
}

function greatest(times: readonly (string | null | undefined)[]): string | null {
  return (
    times
      .filter((time) => time != null)
      .sort()
      .at(-1) ?? null
  );
}

/** Gives the etag of what was written. */
async function putRecord(
  store: ObjectStore,
  fetch: Fetch,
  { record, etag }: { record: ThreadRecord | StoredThreadRecord; etag: string | undefined },
): Promise<string> {
  const key = threadRecordKey(fetch);
  const body = encodeThreadRecord(record);
  const condition = etag === undefined ? ({ absent: true } as const) : { etag };
  try {
    const contentType = 'application/json';
    return (await store.put({ key, body, contentType, condition, ...describeObject(body, fetch) })).etag;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    // A write whose answer was lost is repeated by the SDK, and then finds itself.
    const now = await store.get(key);
    if (now?.body.equals(body) !== true) throw error;
    return now.etag;
  }
}
