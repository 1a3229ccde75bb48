import pMap from 'p-map';
import { HubSpotError, safeReason } from '../errors.ts';
import { type ThreadId, threadIdText } from '../thread-id.ts';
import { parseQueuedThread, type QueuedThread, type QueueRecord } from '../thread-queue/queued-thread.ts';
import { type CaptureOutcome, type CaptureRequest } from './capture.ts';
import { type Announcement } from './covered.ts';

/** What archiving a batch works with. */
export type ArchiveBatchDeps = {
  portals: readonly string[];
  captureThread: (request: CaptureRequest) => Promise<CaptureOutcome>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Time left for this batch, in milliseconds. */
  remainingMs: () => number;
  /** Request id of this invocation; goes onto every object it writes. */
  requestId: string;
};

/**
 * What became of a record. `done` may be acknowledged. `again` goes back to the queue: after so many seconds, or when
 * its visibility ends.
 */
export type RecordVerdict = { record: QueueRecord; thread?: ThreadId } & (
  | { result: 'done'; outcome: CaptureOutcome; queued: QueuedThread; unseen: number }
  | { result: 'again'; reason: string; afterSeconds?: number }
);

// Threads at a time: hides HubSpot's latency, so that the pacer and nothing else sets the rate.
const CONCURRENT_THREADS = 5;
// A thread that is begun with less than this left would be cut off in the middle of ordinary work.
const RESERVE_MS = 30_000;
// HubSpot may show a message only some time after its event; after this long it is noted as unseen instead.
const UNSEEN_WAIT_MS = 600_000;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 900;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html (read November 2026)
const MAX_VISIBILITY_SECONDS = 43_200;

type Entry = { record: QueueRecord; queued: QueuedThread };

/**
 * Archives the threads that a batch of records names, each once, and says of every record what became of it. A thread
 * that fails takes nothing with it but its own records. Never throws.
 */
export async function archiveBatch(deps: ArchiveBatchDeps, records: readonly QueueRecord[]): Promise<RecordVerdict[]> {
  const verdicts: RecordVerdict[] = [];
  const threads = new Map<string, Entry[]>();
  for (const record of records) {
    const queued = parseQueuedThread(record.body);
    if (queued === undefined) verdicts.push({ record, result: 'again', reason: 'the body is not a queued thread' });
    else if (!deps.portals.includes(queued.portalId)) verdicts.push(unknownPortal(record, queued));
    else threads.set(threadIdText(queued), [...(threads.get(threadIdText(queued)) ?? []), { record, queued }]);
  }
  const perThread = await pMap(threads.values(), (entries) => archiveThread(deps, entries), {
    concurrency: CONCURRENT_THREADS,
  });
  return [...verdicts, ...perThread.flat()];
}

async function archiveThread(deps: ArchiveBatchDeps, entries: Entry[]): Promise<RecordVerdict[]> {
  const [first] = entries;
  if (first === undefined) return [];
  const { portalId, threadId } = first.queued;
  if (deps.remainingMs() < RESERVE_MS) {
    return entries.map(({ record }) => again(record, first.queued, 'no time left in this invocation', 0));
  }
  try {
    const announced = announcementOf(entries.map(({ queued }) => queued));
    const outcome = await deps.captureThread({ portalId, threadId, announced, requestId: deps.requestId });
    return entries.map((entry) => judge(entry, outcome, deps.now()));
  } catch (error) {
    return entries.map(({ record }) => again(record, first.queued, safeReason(error), waitAfter(error, record)));
  }
}

function announcementOf(queued: readonly QueuedThread[]): Announcement {
  return {
    messageIds: queued.flatMap((each) => each.messageIds),
    occurredAt: Math.max(...queued.map((each) => each.occurredAt)),
  };
}

/** A record is done when all it names is archived, or has been waited for long enough. */
function judge({ record, queued }: Entry, outcome: CaptureOutcome, nowMs: number): RecordVerdict {
  const unseen = queued.messageIds.filter((id) => outcome.unseenMessageIds.includes(id)).length;
  const isYoung = nowMs - queued.receivedAt < UNSEEN_WAIT_MS;
  if (isYoung && outcome.status === 'gone') return again(record, queued, 'no such thread yet', backOff(record));
  if (isYoung && unseen > 0) return again(record, queued, `${unseen} messages not shown yet`, backOff(record));
  return { record, thread: threadOf(queued), result: 'done', outcome, queued, unseen };
}

function again(record: QueueRecord, queued: QueuedThread, reason: string, afterSeconds: number): RecordVerdict {
  return { record, thread: threadOf(queued), result: 'again', reason, afterSeconds };
}

function threadOf({ portalId, threadId }: QueuedThread): ThreadId {
  return { portalId, threadId };
}

function unknownPortal(record: QueueRecord, queued: QueuedThread): RecordVerdict {
  const reason = `account ${queued.portalId} is not configured`;
  return { record, thread: threadOf(queued), result: 'again', reason };
}

function waitAfter(error: unknown, record: QueueRecord): number {
  const told = error instanceof HubSpotError ? error.retryAfterMs : undefined;
  return Math.min(told === undefined ? backOff(record) : Math.ceil(told / 1000), MAX_VISIBILITY_SECONDS);
}

function backOff({ receiveCount }: QueueRecord): number {
  return Math.min(FIRST_WAIT_SECONDS * 2 ** (receiveCount - 1), LONGEST_WAIT_SECONDS);
}
