import pMap from 'p-map';
import { RecordError, safeReason } from '../errors.ts';
import { type ThreadId, threadIdText } from '../thread-id.ts';
import { type Fault, faultOf } from '../thread-queue/fault.ts';
import { parseQueuedThread, type QueuedThread, type QueueRecord } from '../thread-queue/queued-thread.ts';
import { routeOf } from '../thread-queue/route.ts';
import { type CaptureOutcome, type CaptureRequest } from './capture.ts';
import { type Announcement } from './covered.ts';
import { isHealthy, looksAgain, secondsToWait, triesOf } from './waiting.ts';

/** What archiving a batch works with. */
export type ArchiveBatchDeps = {
  portals: readonly string[];
  captureThread: (request: CaptureRequest) => Promise<CaptureOutcome>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Time left for this batch, in milliseconds. */
  remainingMs: () => number;
  /** How long this worker waits from one call of HubSpot to the next, in milliseconds. Default: not at all. */
  callMs?: number;
  /** Request id of this invocation; goes onto every object it writes. */
  requestId: string;
};

/**
 * What became of a record. `done` may be acknowledged. `again` goes back to the queue, for so many seconds. Where there is
 * something to `requeue`, nothing is wrong with the thread: that entry takes the record's place on the queue, so that
 * waiting spends none of its tries. `dead` goes to the dead letters with its fault: this was its last try, or no try
 * could ever succeed.
 */
export type RecordVerdict = { record: QueueRecord; thread?: ThreadId } & (
  | { result: 'done'; outcome: CaptureOutcome; queued: QueuedThread; unseen: number }
  | {
      result: 'again';
      reason: string;
      afterSeconds: number;
      requeue?: QueuedThread;
      outcome?: CaptureOutcome;
    }
  | { result: 'dead'; fault: Fault; outcome?: never }
);

// Threads at a time: hides HubSpot's latency, so that the pacer and nothing else sets the rate.
const CONCURRENT_THREADS = 5;
// With less than this left, no thread is begun; and no further page is read of one that is, so that what was read gets
// into the archive, also when HubSpot is slow.
const RESERVE_MS = 60_000;
const RESERVE_PER_PAGE_MS = 30_000;
// At a slow pace calls wait for each other. A thread has two in line, the page at hand and the next one; it takes four to
// begin with one: where it is, live or in the trash, and its first page.
const CALLS_IN_LINE = 2;
const CALLS_TO_BEGIN = 4;
const LONGEST_LINE_MS = 100_000;

/** How many threads are worked on at a time, and the time that must be left to begin one, and to go on with one. */
function paceOf({ callMs = 0 }: ArchiveBatchDeps): { threads: number; beginMs: number; pageMs: number } {
  const fitting = Math.max(1, Math.floor(LONGEST_LINE_MS / (CALLS_IN_LINE * callMs)));
  const threads = Math.min(CONCURRENT_THREADS, fitting);
  return {
    threads,
    beginMs: RESERVE_MS + threads * CALLS_TO_BEGIN * callMs,
    pageMs: RESERVE_PER_PAGE_MS + threads * CALLS_IN_LINE * callMs,
  };
}

type Entry = { record: QueueRecord; queued: QueuedThread };

/**
 * Archives the threads that a batch of records names, each once, and says of every record what became of it. A thread
 * that fails takes nothing with it but its own records. Never throws.
 */
export async function archiveBatch(
  deps: ArchiveBatchDeps,
  records: readonly QueueRecord[],
): Promise<RecordVerdict[]> {
  const verdicts: RecordVerdict[] = [];
  const entries: Entry[] = [];
  for (const record of records) {
    const queued = parseQueuedThread(record.body);
    if (queued === undefined)
      verdicts.push(setAside(deps, record, new RecordError('the body is not a queued thread')));
    else if (!deps.portals.includes(queued.portalId)) verdicts.push(refuse(deps, { record, queued }));
    else entries.push({ record, queued });
  }
  // What erases a thread and what archives it are not one.
  const threads = Map.groupBy(
    entries,
    ({ queued }) => `${routeOf(queued.reasons[0])} ${threadIdText(queued)}`,
  );
  const perThread = await pMap(threads.values(), (ofThread) => archiveThread(deps, ofThread), {
    concurrency: paceOf(deps).threads,
  });
  return [...verdicts, ...perThread.flat()];
}

async function archiveThread(deps: ArchiveBatchDeps, entries: readonly Entry[]): Promise<RecordVerdict[]> {
  const [first] = entries;
  if (first === undefined) return [];
  const { portalId, threadId } = first.queued;
  const { beginMs, pageMs } = paceOf(deps);
  if (deps.remainingMs() < beginMs) {
    return entries.map((entry) => wait(entry, 'no time left in this invocation', 0));
  }
  try {
    const announced = announcementOf(entries);
    const hasTime = (ms = pageMs) => deps.remainingMs() > ms;
    const { requestId } = deps;
    const reasons = [...new Set(entries.flatMap(({ queued }) => queued.reasons))];
    const outcome = await deps.captureThread({ portalId, threadId, announced, reasons, requestId, hasTime });
    return entries.map((entry) => judge(entry, outcome));
  } catch (error) {
    return entries.map((entry) => fail(deps, entry, error));
  }
}

function announcementOf(entries: readonly Entry[]): Announcement {
  return {
    messageIds: entries.flatMap(({ queued }) => queued.messageIds),
    occurredAt: Math.max(...entries.map(({ queued }) => queued.occurredAt)),
    firstTry: entries.every((entry) => triesOf(entry) === 0),
  };
}

/** A record is done when all it names is archived, or has been looked for often enough. */
function judge(entry: Entry, outcome: CaptureOutcome): RecordVerdict {
  const { record, queued } = entry;
  if (outcome.status === 'unfinished') {
    return { ...wait(entry, 'to be gone on with', outcome.afterSeconds ?? 0), outcome };
  }
  const unseen = queued.messageIds.filter((id) => outcome.unseenMessageIds.includes(id)).length;
  const looks = queued.looks + 1;
  if ((unseen > 0 || outcome.status === 'gone') && looksAgain(looks)) {
    const reason = outcome.status === 'gone' ? 'no such thread yet' : `${unseen} messages not shown yet`;
    return wait({ record, queued: { ...queued, looks } }, reason, secondsToWait(undefined, triesOf(entry)));
  }
  return { record, thread: threadOf(entry), result: 'done', outcome, queued, unseen };
}

function wait(entry: Entry, reason: string, afterSeconds: number) {
  const requeue = { ...entry.queued, waits: triesOf(entry) + 1 };
  return { ...again(entry, reason, afterSeconds), requeue };
}

/** A failed record waits, spends a try, or has spent its last one. */
function fail(deps: ArchiveBatchDeps, entry: Entry, error: unknown): RecordVerdict {
  const { record, queued } = entry;
  const reason = safeReason(error);
  const afterSeconds = secondsToWait(error, triesOf(entry));
  if (isHealthy(error, deps.now() - queued.receivedAt)) return wait(entry, reason, afterSeconds);
  if (record.isLastTry) return { ...setAside(deps, record, error), thread: threadOf(entry) };
  return again(entry, reason, afterSeconds);
}

/** A deployment that adds an account may reach the receiver first, so an account that is not configured gets its tries. */
function refuse(deps: ArchiveBatchDeps, entry: Entry): RecordVerdict {
  return fail(deps, entry, new RecordError(`account ${entry.queued.portalId} is not configured`));
}

function again(entry: Entry, reason: string, afterSeconds: number) {
  return { record: entry.record, thread: threadOf(entry), result: 'again' as const, reason, afterSeconds };
}

function setAside({ requestId }: ArchiveBatchDeps, record: QueueRecord, error: unknown) {
  const fault = faultOf(error, { requestId, receiveCount: record.receiveCount });
  return { record, result: 'dead' as const, fault };
}

function threadOf({ queued: { portalId, threadId } }: Entry): ThreadId {
  return { portalId, threadId };
}
