import { ConflictError } from '../errors.ts';
import { type Conversations } from '../hubspot/conversations.ts';
import { type ThreadId } from '../thread-id.ts';
import { type Announcement, isCovered, notArchived } from './covered.ts';
import { threadRecordKey } from './layout.ts';
import { type Fetch, mergePages } from './merge-pages.ts';
import { type ArchivedPart, describeObject } from './parts.ts';
import { type ObjectStore } from './store.ts';
import {
  encodeThreadRecord,
  readThreadRecord,
  SCHEMA_VERSION,
  type StoredThreadRecord,
  threadFields,
  type ThreadRecord,
} from './thread-record.ts';
import { sqlTimestamp, timestampMs } from './timestamp.ts';

/** A thread to be archived, and what events have announced of it. */
export type CaptureRequest = ThreadId & { announced: Announcement; requestId: string };

/** What a capture did. */
export type CaptureOutcome = {
  /**
   * `covered`: an earlier fetch had seen it all, and HubSpot was not asked. `gone`: HubSpot has no such thread, not even
   * in its trash; what was archived stays.
   */
  status: 'archived' | 'covered' | 'gone';
  /** Messages in the archive now, removed ones included. */
  messages: number;
  pages: number;
  partsWritten: number;
  /** Announced by this request or an earlier one, and not shown by HubSpot so far. */
  unseenMessageIds: string[];
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

/** What a capture works with. */
export type CaptureDeps = {
  conversations: Conversations;
  apiVersion: string;
  store: ObjectStore;
  /** A fetch that began so many milliseconds after an event has seen what the event is about. */
  settlingMs: number;
};

// A capture that lost against another starts over; each loss means that another one finished.
const MAX_ATTEMPTS = 5;

/**
 * Archives one thread: its record, and every message HubSpot shows of it, merged with what is archived already. When it
 * returns, all of that is in the store. Idempotent: a second run that finds nothing new writes the record alone. What an
 * earlier fetch has provably seen costs no call of HubSpot.
 *
 * The order carries the invariants: read the record, fetch, write the parts, write the record under the condition that
 * it is still the one read. Whoever loses that last write has merged a fetch that another one overlapped, and fetches again.
 * @throws HubSpotError, CorruptArchiveError, ConflictError (lost five times in a row), and what the store throws
 */
export function createCaptureThread(deps: CaptureDeps): (request: CaptureRequest) => Promise<CaptureOutcome> {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      try {
        // Who has lost a round has written parts that the record does not know of: only a fetch sets that right.
        const firstTry = attempt === 1 && request.announced.firstTry;
        return await captureOnce(deps, { ...request, announced: { ...request.announced, firstTry } });
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };
}

async function captureOnce(deps: CaptureDeps, request: CaptureRequest): Promise<CaptureOutcome> {
  const { portalId, threadId, requestId } = request;
  const known = await readThreadRecord(deps.store, request);
  const announced = { ...request.announced, settlingMs: deps.settlingMs };
  if (known !== undefined && (await isCovered(deps.store, request, known.record, announced))) {
    return { status: 'covered', messages: 0, pages: 0, partsWritten: 0, unseenMessageIds: [] };
  }
  const { found, answeredAt } = await deps.conversations.getThread(request);
  const fetchStartedAt = fetchStart(answeredAt, known?.record);
  const awaited = new Set([...(known?.record.unseen_message_ids ?? []), ...announced.messageIds]);
  const fetch: Fetch = { portalId, threadId, requestId, fetchStartedAt, known, awaited, pages: 0 };
  if (found === undefined) {
    // What is archived has been seen, if not by this fetch.
    if (known !== undefined) fetch.awaited = new Set(await notArchived(deps.store, fetch, known.record, awaited));
    await putRecord(deps.store, fetch, goneRecord(deps, fetch));
    return outcome('gone', fetch, []);
  }
  const threadIsArchived = found.thread.archived;
  const pages = deps.conversations.listMessagePages(fetch, { threadIsArchived });
  const parts = await mergePages(deps.store, fetch, pages);
  await putRecord(deps.store, fetch, {
    ...threadFields(found.thread, found.raw),
    ...ledger(deps, fetch, parts),
    deleted_at: threadIsArchived ? deletedAt(fetch) : null,
  });
  return outcome('archived', fetch, parts);
}

// By HubSpot's clock, the one clock that all workers share. It shows whole seconds, so a fetch that begins in the same
// second as the last one that is merged is put a millisecond after it.
function fetchStart(answeredAt: number, known: StoredThreadRecord | undefined): string {
  const after = known === undefined ? 0 : timestampMs(known.fetch_started_at) + 1;
  return sqlTimestamp(new Date(Math.max(answeredAt, after)));
}

function ledger({ apiVersion }: CaptureDeps, fetch: Fetch, parts: readonly ArchivedPart[]) {
  return {
    fetch_started_at: fetch.fetchStartedAt,
    fetched_by: fetch.requestId,
    api_version: apiVersion,
    pages: fetch.pages,
    message_count: countMessages(parts),
    // Days do not overlap and come in order.
    first_message_at: parts[0]?.firstMessageAt ?? null,
    last_message_at: parts.at(-1)?.lastMessageAt ?? null,
    parts: parts.map((part) => part.entry),
    unseen_message_ids: [...fetch.awaited].sort(),
    erased_at: fetch.known?.record.erased_at ?? null,
    schema_version: SCHEMA_VERSION,
  };
}

/** What is known of a thread that HubSpot no longer has stays as it is, marked. */
function goneRecord(deps: CaptureDeps, fetch: Fetch): ThreadRecord | StoredThreadRecord {
  const { fetch_started_at, fetched_by, unseen_message_ids, ...empty } = ledger(deps, fetch, []);
  const before = fetch.known?.record ?? { ...threadFields({ id: fetch.threadId }, null), ...empty };
  return { ...before, fetch_started_at, fetched_by, unseen_message_ids, deleted_at: deletedAt(fetch) };
}

function deletedAt({ known, fetchStartedAt }: Fetch): string {
  return known?.record.deleted_at ?? fetchStartedAt;
}

async function putRecord(
  store: ObjectStore,
  fetch: Fetch,
  record: ThreadRecord | StoredThreadRecord,
): Promise<void> {
  const body = encodeThreadRecord(record);
  try {
    await store.put({
      key: threadRecordKey(fetch),
      body,
      contentType: 'application/json',
      condition: fetch.known === undefined ? { absent: true } : { etag: fetch.known.etag },
      ...describeObject(body, fetch),
    });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    // A write whose answer was lost is repeated by the SDK, and then finds itself.
    const now = await readThreadRecord(store, fetch);
    const isOurs = now?.record.fetched_by === fetch.requestId && now.record.fetch_started_at === fetch.fetchStartedAt;
    if (!isOurs) throw error;
  }
}

function outcome(status: CaptureOutcome['status'], fetch: Fetch, parts: readonly ArchivedPart[]): CaptureOutcome {
  return {
    status,
    messages: countMessages(parts),
    pages: fetch.pages,
    partsWritten: parts.filter((part) => part.written).length,
    unseenMessageIds: [...fetch.awaited],
  };
}

function countMessages(parts: readonly ArchivedPart[]): number {
  return parts.reduce((sum, part) => sum + (part.entry.messages ?? 0), 0);
}
