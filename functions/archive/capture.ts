import pMap from 'p-map';
import { ConflictError, HubSpotError } from '../errors.ts';
import { type Conversations, type HistoryPlace, type ThreadAnswer } from '../hubspot/conversations.ts';
import { type ThreadId } from '../thread-id.ts';
import { daysOf } from './checkpoint.ts';
import { type Announcement, isCovered, notArchived } from './covered.ts';
import { readId } from './fields.ts';
import { type Ledger, openLedger, type Progress } from './ledger.ts';
import { type Fetch, mergePages } from './merge-pages.ts';
import { type ArchivedPart, updatePart } from './parts.ts';
import { type ObjectStore } from './store.ts';
import { type KnownThread, readThreadRecord } from './thread-record.ts';
import { sqlTimestamp, timestampMs } from './timestamp.ts';

/** A thread to be archived, and what events have announced of it. */
export type CaptureRequest = ThreadId & {
  announced: Announcement;
  /** Subscription types of the events that asked for it. */
  reasons?: readonly string[];
  requestId: string;
  /** Whether there is time to read one more page. Asked after each. Default: always. */
  hasTime?: () => boolean;
};

/** What a capture did. */
export type CaptureOutcome = {
  /**
   * `covered`: an earlier fetch had seen it all, and HubSpot was not asked. `gone`: HubSpot has no such thread, not even
   * in its trash; what was archived stays. `unfinished`: another capture has to go on, because time was over before the
   * end of the history, or because this one finished a fetch that had begun before the announced events. `erased`:
   * nothing of the thread is archived any more. `held`: its erasure was asked for, and the policy keeps it.
   */
  status: 'archived' | 'covered' | 'gone' | 'unfinished' | 'erased' | 'held';
  /** Messages in the archive now, removed ones included. */
  messages: number;
  pages: number;
  partsWritten: number;
  /** Announced by this request or an earlier one, and not shown by HubSpot so far. */
  unseenMessageIds: string[];
  /** When to go on, if it is unfinished. Default: at once. */
  afterSeconds?: number;
  /** Of an erasure: how many versions are gone, and how many a lock keeps. */
  erasure?: { versions: number; locked: number };
};

/**
 * How long HubSpot is given to settle, for a queue that holds events back so long: half of that. Then a burst of events
 * within the delay costs two fetches at most: the first one, at the end of the delay, covers the first half of the burst,
 * and the next one, at least half a delay later, all of it.
 */
export function settlingMs(coalesceMs: number): number {
  return coalesceMs / 2;
}

/** What a capture works with. */
export type CaptureDeps = {
  conversations: Conversations;
  apiVersion: string;
  store: ObjectStore;
  /** A fetch that began so many milliseconds after an event has seen what the event is about. */
  settlingMs: number;
  /** Hears of the actors that threads and messages name, a few at a time; must take no time. */
  noteActors?: (portalId: string, actorIds: readonly (string | null)[]) => void;
};

// A capture that lost against another starts over; each loss means that another one finished.
const MAX_ATTEMPTS = 5;
const CONCURRENT_READS = 8;

/**
 * Archives one thread: its record, and every message HubSpot shows of it, merged with what is archived already. When it
 * returns, all of that is in the store, or the outcome is `unfinished`. Idempotent: a second run that finds nothing new
 * writes the record alone. What an earlier fetch has provably seen costs no call of HubSpot.
 *
 * The order carries the invariants: read the record, fetch, note new days, write the parts, write the record under the
 * condition that it is still the one read. Whoever loses that last write has merged a fetch that another one overlapped,
 * and fetches again.
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
  const { store, conversations, settlingMs } = deps;
  const known = await readThreadRecord(store, request);
  const nothing = { messages: 0, pages: 0, partsWritten: 0, unseenMessageIds: [] };
  if (typeof known?.record.erased_at === 'string') return { status: 'erased', ...nothing };
  if (known !== undefined && (await isCovered(store, request, known.record, { ...request.announced, settlingMs }))) {
    return { status: 'covered', ...nothing };
  }
  const answer = await conversations.getThread(request);
  const noteActors: Fetch['noteActors'] = (actorIds) => deps.noteActors?.(request.portalId, actorIds);
  const fetch = beginFetch({ ...request, noteActors }, known, answer);
  const ledger = openLedger(store, fetch, { known, found: answer.found, apiVersion: deps.apiVersion });
  if (answer.found === undefined) {
    const parts = await findParts(store, fetch);
    if (known !== undefined) await forgetArchived(store, fetch, known);
    const messages = await ledger.write(parts, ended(ledger));
    return outcome('gone', fetch, { messages, parts });
  }
  noteActors([readId(answer.found.thread, 'assignedTo')]);
  const threadIsArchived = answer.found.thread.archived;
  const parts = await readOn(deps, { fetch, ledger, known, threadIsArchived });
  if (fetch.stoppedAt !== undefined) {
    const messages = await ledger.write(parts, stopAt(fetch.stoppedAt, fetch, ledger));
    return outcome('unfinished', fetch, { messages, parts });
  }
  const resumed = known?.checkpoint?.resume === undefined ? undefined : known;
  // The invocations before have archived some of what is awaited.
  if (resumed !== undefined) await forgetArchived(store, fetch, resumed);
  const messages = await ledger.write(parts, ended(ledger));
  const isBehind = resumed !== undefined && timestampMs(fetch.fetchStartedAt) < request.announced.occurredAt;
  return outcome(isBehind ? 'unfinished' : 'archived', fetch, { messages, parts });
}

/** A new fetch, or the one that the record says is to be gone on with. */
function beginFetch(
  request: CaptureRequest & Pick<Fetch, 'noteActors'>,
  known: KnownThread | undefined,
  { answeredAt }: ThreadAnswer,
): Fetch {
  const { portalId, threadId, requestId, noteActors, hasTime = () => true } = request;
  const resume = known?.checkpoint?.resume;
  return {
    portalId,
    threadId,
    requestId,
    fetchStartedAt:
      known !== undefined && resume !== undefined ? known.record.fetch_started_at : fetchStart(answeredAt, known),
    ledgerDays: new Set(known?.record.parts.map((part) => part.dt)),
    suspectedDays: new Set(daysOf(known?.checkpoint?.newDays)),
    awaited: new Set([...(known?.record.unseen_message_ids ?? []), ...request.announced.messageIds]),
    missing: new Map(resume?.days.map(([dt, ids]) => [dt, new Set(ids)])),
    pages: resume?.pages ?? 0,
    hasTime,
    noteActors,
    stoppedAt: undefined,
  };
}

// By HubSpot's clock, the one clock that all workers share. It shows whole seconds, so a fetch that begins in the same
// second as the last one that is merged is put a millisecond after it.
function fetchStart(answeredAt: number, known: KnownThread | undefined): string {
  const after = known === undefined ? 0 : timestampMs(known.record.fetch_started_at) + 1;
  return sqlTimestamp(new Date(Math.max(answeredAt, after)));
}

type Reading = { fetch: Fetch; ledger: Ledger; known: KnownThread | undefined };

/** Reads and merges the history, from its beginning or from where the last invocation had to stop. */
async function readOn(
  { store, conversations }: CaptureDeps,
  { fetch, ledger, known, threadIsArchived }: Reading & { threadIsArchived: boolean },
): Promise<ArchivedPart[]> {
  const from = known?.checkpoint?.resume?.place;
  try {
    const pages = conversations.listMessagePages(fetch, { threadIsArchived, from });
    return await mergePages(store, fetch, { pages, beginDay: ledger.beginDay });
  } catch (error) {
    if (from === undefined || !isAboutTheCursor(error)) throw error;
    // How long HubSpot honours a cursor is not documented. Without this one, the next round begins anew.
    await ledger.write([], { complete: false, checkpoint: { newDays: ledger.newDays({ ended: false }) } });
    throw new ConflictError('the place to go on from is no longer valid', { cause: error });
  }
}

function isAboutTheCursor(error: unknown): boolean {
  if (!(error instanceof HubSpotError) || error.transient) return false;
  return error.status !== 401 && error.status !== 403;
}

function stopAt(place: HistoryPlace, { pages, missing }: Fetch, ledger: Ledger): Progress {
  const days = [...missing].map(([dt, ids]): [string, string[]] => [dt, [...ids]]);
  const newDays = ledger.newDays({ ended: true });
  return { complete: false, checkpoint: { newDays, resume: { place, pages, days } } };
}

function ended(ledger: Ledger): Progress {
  return { complete: true, checkpoint: { newDays: ledger.newDays({ ended: true }) } };
}

/** What is archived has been seen, if not by this fetch. */
async function forgetArchived(store: ObjectStore, fetch: Fetch, { record }: KnownThread): Promise<void> {
  fetch.awaited = new Set(await notArchived(store, fetch, record, fetch.awaited));
}

/** The parts that an unfinished fetch has begun and not listed. */
async function findParts(store: ObjectStore, fetch: Fetch): Promise<ArchivedPart[]> {
  const readPart = (dt: string) => {
    const target = { id: { ...fetch, dt }, expected: true, beforeCreate: () => Promise.resolve() };
    return updatePart(store, target, fetch, (rows) => ({ rows, changed: false }));
  };
  const found = await pMap(fetch.suspectedDays, readPart, { concurrency: CONCURRENT_READS });
  return found.filter((part) => part !== undefined);
}

function outcome(
  status: CaptureOutcome['status'],
  fetch: Fetch,
  { messages, parts }: { messages: number; parts: readonly ArchivedPart[] },
): CaptureOutcome {
  return {
    status,
    messages,
    pages: fetch.pages,
    partsWritten: parts.filter((part) => part.written).length,
    unseenMessageIds: [...fetch.awaited],
  };
}
