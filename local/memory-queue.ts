import { randomUUID } from 'node:crypto';
import { type QueuedThread, type QueueRecord } from '../functions/thread-queue/queued-thread.ts';

/** Times of the queue, as SQS has them. */
export type MemoryQueueOptions = {
  /** How long a new message stays hidden: events of one thread gather meanwhile. */
  delayMs: number;
  /** How long a taken message stays hidden unless it is acknowledged. */
  visibilityMs: number;
  /** A message taken more often than this becomes a dead letter. */
  maxReceiveCount: number;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** The thread queue within the process: what SQS does for the deployed stack, for one machine. */
export type MemoryQueue = {
  send: (threads: readonly QueuedThread[]) => Promise<void>;
  /** Takes up to so many messages that are visible now, oldest first. */
  receive: (limit: number) => QueueRecord[];
  acknowledge: (recordId: string) => void;
  /** Gives a message back, visible after so many seconds. */
  returnAfter: (recordId: string, seconds: number) => void;
  /** Messages not acknowledged yet, hidden ones included. */
  size: () => number;
  /** Messages that were taken too often, with the last body. */
  deadLetters: () => readonly QueueRecord[];
};

type Waiting = QueueRecord & { visibleAt: number };

/** An empty queue. At least once, in no promised order; what is on it is gone with the process. */
export function createMemoryQueue(options: MemoryQueueOptions): MemoryQueue {
  const { delayMs, visibilityMs, maxReceiveCount, now } = options;
  const waiting = new Map<string, Waiting>();
  const dead: QueueRecord[] = [];

  function receive(limit: number): QueueRecord[] {
    const taken: QueueRecord[] = [];
    for (const record of waiting.values()) {
      if (taken.length === limit) break;
      if (record.visibleAt > now()) continue;
      if (record.receiveCount >= maxReceiveCount) {
        waiting.delete(record.recordId);
        dead.push(record);
        continue;
      }
      record.receiveCount++;
      record.visibleAt = now() + visibilityMs;
      taken.push({ recordId: record.recordId, body: record.body, receiveCount: record.receiveCount });
    }
    return taken;
  }

  return {
    send: (threads) => {
      for (const thread of threads) {
        const recordId = randomUUID();
        const record = {
          recordId,
          body: JSON.stringify(thread),
          receiveCount: 0,
          visibleAt: now() + delayMs,
        };
        waiting.set(recordId, record);
      }
      return Promise.resolve();
    },
    receive,
    acknowledge: (recordId) => waiting.delete(recordId),
    returnAfter: (recordId, seconds) => {
      const record = waiting.get(recordId);
      if (record !== undefined) record.visibleAt = now() + seconds * 1000;
    },
    size: () => waiting.size,
    deadLetters: () => dead,
  };
}
