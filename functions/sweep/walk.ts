import pMap from 'p-map';
import { type ObjectStore } from '../archive/store.ts';
import { readThreadRecord } from '../archive/thread-record.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { CorruptArchiveError, isRefusal, safeReason } from '../errors.ts';
import { type FetchedThread } from '../hubspot/conversations.ts';
import { type ListThreads, type ThreadListPage } from '../hubspot/thread-lists.ts';
import { newQueuedThread, type QueuedThread } from '../thread-queue/queued-thread.ts';
import { feed, type Road } from './feed.ts';
import { type Finding, newestMessageOf, type Pass, type SweepSettings } from './passes.ts';
import { isOvertaken, type OpenState, type PassName, type SweepPlace } from './state.ts';

/** What a sweep works with. */
export type SweepDeps = {
  store: Pick<ObjectStore, 'get' | 'put'>;
  listThreads: ListThreads;
  roads: Readonly<Record<'ordinary' | 'urgent', Road>>;
  settings: SweepSettings;
  /** Milliseconds since 1970. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
};

/** For which account, on whose behalf, and for how long. */
export type SweepRequest = {
  portalId: string;
  requestId: string;
  /** Whether there is time for something that takes so many milliseconds. */
  hasTime: (ms: number) => boolean;
};

/**
 * What one run did for one pass. `unfinished`: time was over, or the queue stayed full; the next run goes on. `overtaken`:
 * another run has gone on with it. `failed`: HubSpot, the store or the queue did not do as asked. `refused`: HubSpot does not
 * give this list, and may give others. The next run goes on after each of them.
 */
export type PassReport = {
  portalId: string;
  pass: PassName;
  status: 'finished' | 'unfinished' | 'overtaken' | 'failed' | 'refused';
  /** Why it failed or was refused: ids and statuses, never content. */
  reason?: string;
  pages: number;
  listed: number;
  queued: number;
  /** Of those queued, how many had a newest message that no webhook has brought. */
  missed: number;
  /** Threads whose record cannot be read: a human must look. They are not queued. */
  unreadable: string[];
  /** Threads that lacked a snapshot of them as trash a walk ago, and still do; of a trash pass that came to its end. */
  unarchived?: number;
};

/** The most that a call may take, with all its repetitions and waits (see http.ts). */
export const LIST_MS = 150_000;
const CONCURRENT_RECORDS = 8;
/** Bounds the state: a trash with more threads than these that lack a snapshot has an alarm already. */
const MAX_LACKING = 10_000;

/** Begins a pass or goes on with it, a page at a time, each queued before its place is saved. Never throws. */
export async function walk(
  deps: SweepDeps,
  pass: Pass,
  opened: OpenState,
  request: SweepRequest,
): Promise<PassReport> {
  const { portalId } = request;
  const report: PassReport = {
    portalId,
    pass: pass.name,
    status: 'unfinished',
    pages: 0,
    listed: 0,
    queued: 0,
    missed: 0,
    unreadable: [],
  };
  const list = createPageReader(deps, pass, portalId);
  try {
    while (report.status === 'unfinished' && request.hasTime(LIST_MS)) {
      if (!(await visitPage(deps, pass, { opened, request, report, list }))) break;
    }
  } catch (error) {
    if (isOvertaken(error)) return { ...report, status: 'overtaken' };
    return { ...report, status: isRefusal(error) ? 'refused' : 'failed', reason: safeReason(error) };
  }
  return report;
}

type Visit = { opened: OpenState; request: SweepRequest; report: PassReport; list: PageReader };

/** One page: listed, judged, queued, and only then noted. False when there was no time to queue all of it. */
async function visitPage(deps: SweepDeps, pass: Pass, visit: Visit): Promise<boolean> {
  const { opened, request, report } = visit;
  const before = opened.state[pass.name];
  const { page, place } = await visit.list(opened);
  report.pages++;
  report.listed += page.threads.length;
  const findings = await judgePage(deps, pass, { page, place, request, report });
  const threads = findings.map(({ thread }) => thread);
  const sent = await feed(deps.roads[pass.road], threads, { sleep: deps.sleep, hasTime: request.hasTime });
  report.queued += sent;
  report.missed += findings.slice(0, sent).filter(({ missed }) => missed).length;
  if (sent < findings.length) return false;
  const unarchived = findings.filter((each) => each.unarchived).map(({ thread }) => thread.threadId);
  const reached = page.threads.map(newestMessageOf).findLast((newest) => newest !== null);
  const next: SweepPlace = {
    ...place,
    cursor: page.next ?? null,
    reached: reached ?? place.reached,
    lacking: [...new Set([...place.lacking, ...unarchived])].slice(0, MAX_LACKING),
  };
  if (page.next !== undefined) {
    await opened.save({ ...opened.state, [pass.name]: { ...before, place: next } });
    return true;
  }
  await opened.save(pass.finish(opened.state, next, deps.settings));
  report.status = 'finished';
  const lackedBefore = new Set(before.lacking);
  if (pass.archived) report.unarchived = next.lacking.filter((id) => lackedBefore.has(id)).length;
  return true;
}

type Judged = { page: ThreadListPage; place: SweepPlace; request: SweepRequest; report: PassReport };

async function judgePage(deps: SweepDeps, pass: Pass, { page, place, request, report }: Judged) {
  const { portalId, requestId } = request;
  const judge = async (listed: FetchedThread): Promise<(Finding & { thread: QueuedThread })[]> => {
    const threadId = listed.thread.id;
    const known = await readThreadRecord(deps.store, { portalId, threadId }).catch((error: unknown) => {
      if (error instanceof CorruptArchiveError || error instanceof RangeError) return 'unreadable' as const;
      throw error;
    });
    if (known === 'unreadable') {
      report.unreadable.push(threadId);
      return [];
    }
    const times = { answeredAt: page.answeredAt, beganAt: timestampMs(place.began_at) };
    const finding = pass.judge({ listed, record: known?.record, ...times }, deps.settings);
    if (finding === undefined) return [];
    const why = { reasons: [pass.reason], occurredAt: finding.occurredAt };
    const thread = newQueuedThread({ portalId, threadId, ...why, receivedAt: deps.now(), requestId });
    return [{ ...finding, thread }];
  };
  return (await pMap(page.threads, judge, { concurrency: CONCURRENT_RECORDS })).flat();
}

type PageReader = (opened: OpenState) => Promise<{ page: ThreadListPage; place: SweepPlace }>;

/** Reads the page at the place where a pass is, and begins anew from there when HubSpot no longer knows its cursor. */
function createPageReader(
  { listThreads, settings, now }: SweepDeps,
  pass: Pass,
  portalId: string,
): PageReader {
  let begunAnewAt: string | null | undefined;
  const list = ({ from, cursor }: Pick<SweepPlace, 'from' | 'cursor'>) =>
    listThreads({
      portalId,
      archived: pass.archived,
      newestMessageFrom: from === null ? undefined : timestampMs(from),
      cursor: cursor ?? undefined,
    });

  return async ({ state }) => {
    const { place } = state[pass.name];
    if (place === null) {
      const fromMs = pass.from(state, settings, now());
      const from = fromMs === null ? null : sqlTimestamp(new Date(fromMs));
      const page = await list({ from, cursor: null });
      const began_at = sqlTimestamp(new Date(page.answeredAt));
      return { page, place: { began_at, from, cursor: null, reached: null, lacking: [] } };
    }
    try {
      return { page: await list(place), place };
    } catch (error) {
      const anew = {
        ...place,
        cursor: null,
        from: place.from === null ? null : (place.reached ?? place.from),
      };
      // A refusal is about the cursor, or the list itself. Without progress since it was begun anew, it would be for ever.
      if (place.cursor === null || !isRefusal(error) || begunAnewAt === anew.from) throw error;
      begunAnewAt = anew.from;
      return { page: await list(anew), place: anew };
    }
  };
}
