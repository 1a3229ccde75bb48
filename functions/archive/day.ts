import pMap from 'p-map';
import { type Memory } from './enrichment.ts';
import { isDue, isNotYet } from './gaps.ts';
import { type Fetch } from './merge-pages.ts';
import { type ArchivedPart, updatePart } from './parts.ts';
import { type ObjectStore } from './store.ts';
import { type KnownThread } from './thread-record.ts';

const CONCURRENT_VISITS = 8;
const CONCURRENT_DAYS = 4;

/**
 * Changes a day's part as `updatePart` does, with everything in it that the listing leaves out, so that it is written once.
 * Notes the day's gaps in the fetch.
 */
export async function updateDay(
  store: ObjectStore,
  target: Parameters<typeof updatePart>[1],
  fetch: Fetch,
  change: Parameters<typeof updatePart>[3],
): ReturnType<typeof updatePart> {
  const { dt } = target.id;
  const memory: Memory = new Map();
  let gaps: Awaited<ReturnType<Fetch['enrichment']['enrich']>>['gaps'] = [];
  const part = await updatePart(store, target, fetch, async (archived) => {
    const { rows, changed } = await change(archived);
    const enriched = await fetch.enrichment.enrich(dt, rows, memory);
    gaps = enriched.gaps;
    return { rows: enriched.rows, changed: changed || enriched.changed };
  });
  fetch.gaps.set(dt, gaps);
  return part;
}

/** Reads a day's part, and changes of it only what it lacks. */
function visitDay(store: ObjectStore, fetch: Fetch, dt: string): ReturnType<typeof updatePart> {
  const target = { id: { ...fetch, dt }, expected: true, beforeCreate: () => Promise.resolve() };
  return updateDay(store, target, fetch, (rows) => ({ rows, changed: false }));
}

/** Visits the days on which an unfinished fetch may have begun a part that the record does not list. Gives those there are. */
export async function visitSuspectedDays(store: ObjectStore, fetch: Fetch): Promise<ArchivedPart[]> {
  const visit = (dt: string) => visitDay(store, fetch, dt);
  const parts = await pMap(fetch.suspectedDays, visit, { concurrency: CONCURRENT_VISITS });
  return parts.filter((part) => part !== undefined);
}

/** Tries once more what the record says is lacking, on the days that this capture has not come by. */
export async function fillGaps(
  store: ObjectStore,
  fetch: Fetch,
  known: KnownThread | undefined,
): Promise<ArchivedPart[]> {
  const due = (known?.record.gaps ?? []).filter((gap) => isDue(gap, fetch.fetchStartedAt));
  const days = Map.groupBy(
    due.filter(({ dt }) => !fetch.gaps.has(dt)),
    ({ dt }) => dt,
  );
  const fillDay = ([dt, gaps]: [string, typeof due]) => {
    if (!fetch.enrichment.mayBegin({ isPromised: gaps.some(isNotYet) })) return undefined;
    return visitDay(store, fetch, dt);
  };
  const parts = await pMap(days, fillDay, { concurrency: CONCURRENT_DAYS });
  return parts.filter((part) => part !== undefined);
}
