import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  archiveBatch,
  type ArchiveBatchDeps,
  type RecordVerdict,
} from '../functions/archive/archive-batch.ts';
import { type FolderQueue } from './folder-queue.ts';

/** Workers that take threads off the queue until they are stopped. */
export type Archiver = {
  /** Resolves when the batches under way are finished. */
  stop: () => Promise<void>;
};

// As the event source mapping of the stack: two workers at once, ten records a batch.
const WORKERS = 2;
const BATCH_SIZE = 10;
const POLL_MS = 20;

/**
 * Does for the queue in a folder what Lambda's event source mapping does for SQS.
 * @param onVerdict hears of every record, after it is acknowledged, given back or set aside
 */
export function startArchiver(
  queue: FolderQueue,
  deps: Pick<ArchiveBatchDeps, 'portals' | 'captureThread'>,
  onVerdict: (verdict: RecordVerdict) => void,
): Archiver {
  let stopping = false;

  async function work(): Promise<void> {
    while (!stopping) {
      const records = queue.receive(BATCH_SIZE);
      if (records.length === 0) {
        await sleep(POLL_MS);
        continue;
      }
      const batch = { ...deps, now: Date.now, remainingMs: () => Infinity, requestId: randomUUID() };
      for (const verdict of await archiveBatch(batch, records)) {
        settle(queue, verdict);
        onVerdict(verdict);
      }
    }
  }

  const workers = Array.from({ length: WORKERS }, work);
  return {
    stop: async () => {
      stopping = true;
      await Promise.all(workers);
    },
  };
}

function settle(queue: FolderQueue, verdict: RecordVerdict): void {
  const { recordId } = verdict.record;
  switch (verdict.result) {
    case 'done':
      queue.acknowledge(recordId);
      return;
    case 'dead':
      queue.setAside(recordId, verdict.fault);
      return;
    case 'again': {
      const { requeue, afterSeconds, reason } = verdict;
      if (requeue !== undefined) queue.requeue(recordId, requeue, afterSeconds);
      else queue.returnAfter(recordId, afterSeconds, reason);
    }
  }
}
