import pMap from 'p-map';
import { forEachConcurrently } from '../concurrency.ts';
import { type HistoryPlace, type MessagePage } from '../hubspot/conversations.ts';
import { type ThreadId } from '../thread-id.ts';
import { updateDay } from './day.ts';
import { type Enrichment } from './enrichment.ts';
import { type Gap } from './gaps.ts';
import { markRemoved, mergeRows } from './merge.ts';
import { type ArchivedPart, type PartChange, type Provenance, type updatePart } from './parts.ts';
import { actorsOf, messageRow, type MessageRow } from './row.ts';
import { type ObjectStore } from './store.ts';

/** One fetch of one thread, and how far it has come. */
export type Fetch = ThreadId &
  Provenance & {
    /** Days whose parts the record lists. */
    ledgerDays: ReadonlySet<string>;
    /** Days in which an unfinished fetch may have begun a part that the record does not list. */
    suspectedDays: ReadonlySet<string>;
    /** Ids that were announced and are not archived yet. Ids leave it as their messages arrive or are found. */
    awaited: Set<string>;
    /** Archived messages that were not found, by the days that were merged. Holds those of the invocations before. */
    missing: Map<string, Set<string>>;
    /** The oldest day so far that the record does not list. */
    firstNewDay: string | undefined;
    /** Pages read so far. */
    pages: number;
    /** Whether there is time for one more page, or for something that takes so many milliseconds. */
    hasTime: (ms?: number) => boolean;
    /** Fills in what the pages leave out. */
    enrichment: Enrichment;
    /** What is lacking, by the days that this capture came by. */
    gaps: Map<string, readonly Gap[]>;
    /** Hears of the actors that each message names. */
    noteActors: (actorIds: readonly (string | null)[]) => void;
    /** Where the history goes on, when time was over before its end. */
    stoppedAt: HistoryPlace | undefined;
  };

type Day = { dt: string; rows: Map<string, MessageRow> };

// Days merged at a time: hides the store's latency, and bounds the memory to a few days of one thread.
const CONCURRENT_DAYS = 4;

/**
 * Merges a thread's pages into its parts as they arrive, so that memory is bounded by a few days of messages and not by
 * the thread. Once the history is whole, marks what it did not have. Reads one page at least. Gives the parts that it
 * came by, oldest day first: all of the thread's, when one call has read the whole history.
 * @param beginDay called before a part is written where there is none
 */
export async function mergePages(
  store: ObjectStore,
  fetch: Fetch,
  { pages, beginDay }: { pages: AsyncIterable<MessagePage>; beginDay: (dt: string) => Promise<unknown> },
): Promise<ArchivedPart[]> {
  const { ledgerDays, suspectedDays, missing } = fetch;
  const parts = new Map<string, ArchivedPart>();

  async function changeDay(dt: string, change: Parameters<typeof updatePart>[3]): Promise<void> {
    const before = parts.get(dt);
    const expected = ledgerDays.has(dt) || suspectedDays.has(dt) || before !== undefined;
    const target = { id: { ...fetch, dt }, expected, beforeCreate: () => beginDay(dt) };
    const part = await updateDay(store, target, fetch, (archived) => {
      // What is archived has been seen, also when HubSpot shows it no more.
      for (const row of archived) fetch.awaited.delete(row.message_id);
      return change(archived);
    });
    if (part !== undefined) parts.set(dt, { ...part, written: part.written || (before?.written ?? false) });
  }
  const mergeDay = ({ dt, rows }: Day) => {
    if (!ledgerDays.has(dt)) fetch.firstNewDay ??= dt;
    // When a day comes in two pieces, only what neither of them has is missing. A conflict makes the change run again.
    const before = missing.get(dt);
    return changeDay(dt, (archived): PartChange => {
      const merge = mergeRows(archived, rows.values());
      missing.set(
        dt,
        new Set(before === undefined ? merge.missing : merge.missing.filter((id) => before.has(id))),
      );
      return merge;
    });
  };
  const markDay = (dt: string) => {
    const missed = missing.get(dt);
    const isMissing = (messageId: string) => missed === undefined || missed.has(messageId);
    return changeDay(dt, (rows) => markRemoved(rows, fetch.fetchStartedAt, isMissing));
  };

  const stragglers = new Map<string, Day>();
  await forEachConcurrently(groupByDay(fetch, pages, stragglers), CONCURRENT_DAYS, mergeDay);
  await pMap(stragglers.values(), mergeDay, { concurrency: CONCURRENT_DAYS });
  if (fetch.stoppedAt === undefined) {
    const days = new Set([...ledgerDays, ...suspectedDays, ...missing.keys()]);
    const incomplete = [...days].filter((dt) => missing.get(dt)?.size !== 0);
    await pMap(incomplete, markDay, { concurrency: CONCURRENT_DAYS });
  }
  return [...parts.values()].sort((a, b) => (a.firstMessageAt < b.firstMessageAt ? -1 : 1));
}

/**
 * The rows of the pages, one UTC day at a time. Pages come oldest first, so a day is whole when the next one begins; a
 * row of a day that was given out already waits among the stragglers.
 */
async function* groupByDay(
  fetch: Fetch,
  pages: AsyncIterable<MessagePage>,
  stragglers: Map<string, Day>,
): AsyncGenerator<Day> {
  const givenOut = new Set<string>();
  let today: Day | undefined;
  for await (const { messages, next } of pages) {
    fetch.pages++;
    for (const fetched of messages) {
      const row = messageRow(fetched, fetch.threadId, fetch.fetchStartedAt);
      fetch.awaited.delete(row.message_id);
      fetch.noteActors(actorsOf(row));
      const dt = row.created_at.slice(0, 10);
      if (givenOut.has(dt)) {
        dayIn(stragglers, dt).rows.set(row.message_id, row);
        continue;
      }
      if (today !== undefined && today.dt !== dt) {
        givenOut.add(today.dt);
        yield today;
        today = undefined;
      }
      today ??= { dt, rows: new Map() };
      today.rows.set(row.message_id, row);
    }
    if (next !== undefined && !fetch.hasTime()) {
      fetch.stoppedAt = next;
      break;
    }
  }
  if (today !== undefined) yield today;
}

function dayIn(days: Map<string, Day>, dt: string): Day {
  const day = days.get(dt) ?? { dt, rows: new Map<string, MessageRow>() };
  days.set(dt, day);
  return day;
}
