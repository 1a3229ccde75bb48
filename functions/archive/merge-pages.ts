import pMap from 'p-map';
import { forEachConcurrently } from '../concurrency.ts';
import { type FetchedMessage } from '../hubspot/conversations.ts';
import { type ThreadId } from '../thread-id.ts';
import { markRemoved, mergeRows } from './merge.ts';
import { type ArchivedPart, type PartChange, type Provenance, updatePart } from './parts.ts';
import { messageRow, type MessageRow } from './row.ts';
import { type ObjectStore } from './store.ts';
import { type readThreadRecord } from './thread-record.ts';

/** One fetch of one thread, and what comes of it. */
export type Fetch = ThreadId &
  Provenance & {
    /** The record as it was before. */
    known: Awaited<ReturnType<typeof readThreadRecord>>;
    /** Ids that were announced and are not archived yet. Ids leave it as their messages arrive or are found. */
    awaited: Set<string>;
    /** Pages read so far. */
    pages: number;
  };

type Day = { dt: string; rows: Map<string, MessageRow> };

// Days merged at a time: hides the store's latency, and bounds the memory to a few days of one thread.
const CONCURRENT_DAYS = 4;

/**
 * Merges a thread's pages into its parts as they arrive, so that memory is bounded by a few days of messages and not by
 * the thread. Once the history is whole, marks what it did not have. Gives the thread's parts, oldest day first.
 */
export async function mergePages(
  store: ObjectStore,
  fetch: Fetch,
  pages: AsyncIterable<FetchedMessage[]>,
): Promise<ArchivedPart[]> {
  const ledgerDays = new Set(fetch.known?.record.parts.map((part) => part.dt));
  const parts = new Map<string, ArchivedPart>();
  const missing = new Map<string, Set<string>>();

  async function changeDay(dt: string, change: Parameters<typeof updatePart>[3]): Promise<void> {
    const before = parts.get(dt);
    const target = { id: { ...fetch, dt }, expected: ledgerDays.has(dt) || before !== undefined };
    const part = await updatePart(store, target, fetch, (archived) => {
      // What is archived has been seen, also when HubSpot shows it no more.
      for (const row of archived) fetch.awaited.delete(row.message_id);
      return change(archived);
    });
    if (part !== undefined) parts.set(dt, { ...part, written: part.written || (before?.written ?? false) });
  }
  const mergeDay = ({ dt, rows }: Day) => {
    // When a day comes in two pieces, only what neither of them has is missing. A conflict makes the change run again.
    const before = missing.get(dt);
    return changeDay(dt, (archived): PartChange => {
      const merge = mergeRows(archived, rows.values());
      missing.set(dt, new Set(before === undefined ? merge.missing : merge.missing.filter((id) => before.has(id))));
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
  const incomplete = [...new Set([...ledgerDays, ...missing.keys()])].filter((dt) => missing.get(dt)?.size !== 0);
  await pMap(incomplete, markDay, { concurrency: CONCURRENT_DAYS });
  return [...parts.values()].sort((a, b) => (a.firstMessageAt < b.firstMessageAt ? -1 : 1));
}

/**
 * The rows of the pages, one UTC day at a time. Pages come oldest first, so a day is whole when the next one begins; a
 * row of a day that was given out already waits among the stragglers.
 */
async function* groupByDay(
  fetch: Fetch,
  pages: AsyncIterable<FetchedMessage[]>,
  stragglers: Map<string, Day>,
): AsyncGenerator<Day> {
  const givenOut = new Set<string>();
  let today: Day | undefined;
  for await (const page of pages) {
    fetch.pages++;
    for (const fetched of page) {
      const row = messageRow(fetched, fetch.threadId, fetch.fetchStartedAt);
      fetch.awaited.delete(row.message_id);
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
  }
  if (today !== undefined) yield today;
}

function dayIn(days: Map<string, Day>, dt: string): Day {
  const day = days.get(dt) ?? { dt, rows: new Map<string, MessageRow>() };
  days.set(dt, day);
  return day;
}
