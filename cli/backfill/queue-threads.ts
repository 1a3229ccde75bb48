import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { isNotYet } from '../../functions/archive/gaps.ts';
import { readThreadRecord, type StoredThreadRecord } from '../../functions/archive/thread-record.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { feed } from '../../functions/sweep/feed.ts';
import { newQueuedThread, type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { type ArchiveReader } from '../archive-place.ts';
import { type BackfillQueue } from './queue-feed.ts';
import { type LackingThread } from './survey.ts';

/** What queueing many threads works with. */
export type QueueThreadsDeps = {
  portalId: string;
  queue: BackfillQueue;
  /** Where the records of what is archived come to be. */
  archive: Pick<ArchiveReader, 'get'>;
  /** Whether to wait until all is archived. */
  waits: boolean;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  wait: (ms: number) => Promise<void>;
  /** When it is aborted, nothing more is queued or waited for. */
  signal: AbortSignal;
  /** Hears of how many threads are queued by now, and of how many the records show that they are archived. */
  onProgress: (counts: { queued: number; archived: number }) => void;
};

/** How many threads were queued, and which of them the records do not show as archived. */
export type QueueOutcome = { queued: number; left: string[] };

/** Live traffic waits behind so many threads at most; two workers with ten requests per second deal with them in a minute. */
export const MOST_WAITING = 200;
const LOOK_EVERY_MS = 5_000;
// SQS's counts lag behind by up to a minute, so that one empty look says nothing.
const EMPTY_LOOKS = 24;
// Oldest first, and so many with a look: those at the end of the line need no look yet.
const RECORDS_PER_LOOK = 2 * MOST_WAITING;
const CONCURRENT_READS = 16;

/**
 * Puts threads on the thread queue in their order, and never so that more than {@link MOST_WAITING} wait there, as far as SQS
 * can count: ten a second at most, as the sweep does. Then waits until the record of each says so, or the queue has been
 * empty for two minutes: what is left then is with the dead letters, or was taken before it was listed.
 * @throws QueueError and what SQS and the archive throw: then some are queued, and to run it again is safe
 */
export async function queueThreads(
  deps: QueueThreadsDeps,
  threads: readonly LackingThread[],
): Promise<QueueOutcome> {
  const { queue, waits, wait, signal, onProgress } = deps;
  const requestId = randomUUID();
  const open = new Map<string, LackingThread>();
  let queued = 0;
  let emptyLooks = 0;

  /** Until it is time to look at the records, or all are queued. */
  async function sendSome(): Promise<void> {
    const lookAt = deps.now() + LOOK_EVERY_MS;
    const some = threads.slice(queued, queued + MOST_WAITING);
    const entries = some.map((thread) => entryFor(deps, thread, requestId));
    const hasTime = () => !signal.aborted && deps.now() < lookAt;
    const sent = await feed(queue, entries, { sleep: wait, hasTime, maxBacklog: MOST_WAITING });
    for (const thread of some.slice(0, sent)) open.set(thread.threadId, thread);
    queued += sent;
  }

  while (!signal.aborted) {
    if (queued < threads.length) await sendSome();
    else emptyLooks = (await queue.backlog()) + (await queue.taken()) === 0 ? emptyLooks + 1 : 0;
    if (queued === threads.length && !waits) break;
    for (const threadId of await findArchived(deps, open)) open.delete(threadId);
    onProgress({ queued, archived: queued - open.size });
    if (queued === threads.length && (open.size === 0 || emptyLooks >= EMPTY_LOOKS)) break;
    if (queued === threads.length) await wait(LOOK_EVERY_MS);
  }
  onProgress({ queued, archived: queued - open.size });
  return { queued, left: [...open.keys()] };
}

function entryFor(
  { portalId, now }: QueueThreadsDeps,
  { threadId, listedAt }: LackingThread,
  requestId: string,
): QueuedThread {
  // Not when the newest message came: a fetch soon after that may have missed it, and would be taken for having seen it.
  const why = { reasons: ['backfill'], occurredAt: listedAt };
  return newQueuedThread({ portalId, threadId, ...why, receivedAt: now(), requestId });
}

async function findArchived(
  { archive, portalId }: QueueThreadsDeps,
  open: ReadonlyMap<string, LackingThread>,
): Promise<string[]> {
  const oldest = [...open.values()].slice(0, RECORDS_PER_LOOK);
  const found = await pMap(
    oldest,
    async (thread) => {
      const known = await readThreadRecord(archive, { portalId, threadId: thread.threadId });
      return isArchived(known?.record, thread) ? [thread.threadId] : [];
    },
    { concurrency: CONCURRENT_READS },
  );
  return found.flat();
}

/** Whether a fetch that began when the thread had been listed has come to its end. */
function isArchived(record: StoredThreadRecord | undefined, { listedAt }: LackingThread): boolean {
  if (record === undefined) return false;
  if (typeof record.erased_at === 'string') return true;
  if (record.complete === false || record.gaps?.some(isNotYet) === true) return false;
  return timestampMs(record.fetch_started_at) >= listedAt;
}
