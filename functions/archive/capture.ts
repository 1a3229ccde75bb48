import { ConflictError, isRefusal } from '../errors.ts';
import { type Conversations, type HistoryPlace } from '../hubspot/conversations.ts';
import { type Sources } from '../hubspot/sources.ts';
import { type ThreadId } from '../thread-id.ts';
import { beginFetch, isRead, isResumed } from './begin-fetch.ts';
import { type Announcement, isCovered, notArchived } from './covered.ts';
import { fillGaps, visitSuspectedDays } from './day.ts';
import { type EnrichmentCounts } from './enrichment.ts';
import { readId } from './fields.ts';
import { type Ledger, openLedger, type Progress } from './ledger.ts';
import { type Fetch, mergePages } from './merge-pages.ts';
import { type ArchivedPart } from './parts.ts';
import { type ObjectStore } from './store.ts';
import { type KnownThread, readThreadRecord } from './thread-record.ts';
import { timestampMs } from './timestamp.ts';

/** A thread to be archived, and what events have announced of it. */
export type CaptureRequest = ThreadId & {
  announced: Announcement;
  /** Subscription types of the events that asked for it. */
  reasons?: readonly string[];
  requestId: string;
  /** Whether HubSpot has just listed it in its trash, and so is asked for it there first. Default: no. */
  inTrash?: boolean;
  /** Whether there is time for one more page, or for something that takes so many milliseconds. Default: always. */
  hasTime?: (ms?: number) => boolean;
};

/** What a capture did. */
export type CaptureOutcome = {
  /**
   * `covered`: an earlier fetch had seen it all, and HubSpot was not asked. `gone`: HubSpot has no such thread, not even
   * in its trash; what was archived stays. `unfinished`: another capture has to go on, because time was over before the
   * end of the history or before all originals and files were fetched, or because this one finished a fetch that had begun
   * before the announced events. `erased`: nothing of the thread is archived any more. `held`: its erasure was asked for,
   * and the policy keeps it.
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
  /** Originals and files fetched, and given up; absent when there was nothing of the kind. */
  enriched?: EnrichmentCounts;
};

/** What a capture works with. */
export type CaptureDeps = {
  conversations: Conversations;
  apiVersion: string;
  store: ObjectStore;
  /** Where originals and files come from. */
  sources: Sources;
  /** A fetch that began so many milliseconds after an event has seen what the event is about. */
  settlingMs: number;
  /** Hears of the actors that threads and messages name, a few at a time; must take no time. */
  noteActors?: (portalId: string, actorIds: readonly (string | null)[]) => void;
};

// A capture that lost against another starts over; each loss means that another one finished.
const MAX_ATTEMPTS = 5;

/**
 * Archives one thread: its record, and every message HubSpot shows of it, merged with what is archived already, with the
 * originals and files of messages that have them. When it returns, all of that is in the store, or the outcome is
 * `unfinished`, or HubSpot refuses an original or a file, and the record says which. When it throws for an original or a
 * file that may come later, everything else is in the store. Idempotent: a second run that finds nothing new
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
  if (
    known !== undefined &&
    (await isCovered(store, request, known.record, { ...request.announced, settlingMs }))
  ) {
    return { status: 'covered', ...nothing };
  }
  const answer = await conversations.getThread(request, request.inTrash);
  const fetch = beginFetch(deps, request, known, answer);
  const ledger = openLedger(store, fetch, { known, found: answer.found, apiVersion: deps.apiVersion });
  if (answer.found === undefined) {
    const parts = await visitSuspectedDays(store, fetch);
    return finish(store, { fetch, ledger, known, parts }, 'gone');
  }
  fetch.noteActors([readId(answer.found.thread, 'assignedTo')]);
  const threadIsArchived = answer.found.thread.archived;
  const parts = await readOn(deps, { fetch, ledger, known, threadIsArchived });
  if (fetch.stoppedAt !== undefined) {
    const messages = await ledger.write(parts, stopAt(fetch.stoppedAt, fetch, ledger));
    return outcome('unfinished', fetch, { messages, parts });
  }
  const isBehind = isResumed(known) && timestampMs(fetch.fetchStartedAt) < request.announced.occurredAt;
  return finish(store, { fetch, ledger, known, parts }, isBehind ? 'unfinished' : 'archived');
}

/** Ends a fetch that has come to the end of the history, unless originals or files are left to be fetched. */
async function finish(
  store: ObjectStore,
  { parts: merged, ...reading }: Reading & { parts: readonly ArchivedPart[] },
  status: CaptureOutcome['status'],
): Promise<CaptureOutcome> {
  const { fetch, ledger, known } = reading;
  const parts = [...merged, ...(await fillGaps(store, fetch, known))];
  const { failure, isShortOfTime } = fetch.enrichment;
  if (failure === undefined && isShortOfTime) {
    const messages = await ledger.write(parts, stopAt(undefined, fetch, ledger));
    return outcome('unfinished', fetch, { messages, parts });
  }
  const messages = await settle(store, { ...reading, parts, found: status !== 'gone' });
  if (failure !== undefined) throw failure;
  return outcome(status, fetch, { messages, parts });
}

type Reading = { fetch: Fetch; ledger: Ledger; known: KnownThread | undefined };

/** Reads and merges the history, from its beginning or from where the last invocation had to stop. */
async function readOn(
  { store, conversations }: CaptureDeps,
  { fetch, ledger, known, threadIsArchived }: Reading & { threadIsArchived: boolean },
): Promise<ArchivedPart[]> {
  if (isRead(known)) return [];
  const from = known?.checkpoint?.resume?.place;
  try {
    const pages = conversations.listMessagePages(fetch, { threadIsArchived, from });
    return await mergePages(store, fetch, { pages, beginDay: ledger.beginDay });
  } catch (error) {
    if (from === undefined || !isRefusal(error)) throw error;
    // How long HubSpot honours a cursor is not documented. Without this one, the next round begins anew.
    await ledger.write([], { complete: false, checkpoint: { newDays: ledger.newDays({ ended: false }) } });
    throw new ConflictError('the place to go on from is no longer valid', { cause: error });
  }
}

/** Writes the record of a fetch that has come to its end. */
async function settle(
  store: ObjectStore,
  { fetch, ledger, known, parts, found }: Reading & { parts: readonly ArchivedPart[]; found: boolean },
): Promise<number> {
  // What is archived has been seen, if not by this call: HubSpot may show it no more, or an earlier invocation read it.
  const sawAll = known === undefined || (found && !isResumed(known));
  if (!sawAll) fetch.awaited = new Set(await notArchived(store, fetch, known.record, fetch.awaited));
  return ledger.write(parts, { complete: true, checkpoint: { newDays: ledger.newDays({ ended: true }) } });
}

function stopAt(place: HistoryPlace | undefined, { pages, missing }: Fetch, ledger: Ledger): Progress {
  // What is missing is marked once the history is read to its end.
  const open = place === undefined ? [] : [...missing];
  const days = open.map(([dt, ids]): [string, string[]] => [dt, [...ids]]);
  const newDays = ledger.newDays({ ended: true });
  return { complete: false, checkpoint: { newDays, resume: { place, pages, days } } };
}

function outcome(
  status: CaptureOutcome['status'],
  fetch: Fetch,
  { messages, parts }: { messages: number; parts: readonly ArchivedPart[] },
): CaptureOutcome {
  const { counts } = fetch.enrichment;
  return {
    status,
    messages,
    pages: fetch.pages,
    partsWritten: parts.filter((part) => part.written).length,
    unseenMessageIds: [...fetch.awaited],
    ...(Object.values(counts).some((count) => count > 0) && { enriched: counts }),
  };
}
