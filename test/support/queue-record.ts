import { type QueuedThread, type QueueRecord } from '../../functions/thread-queue/queued-thread.ts';

/** A thread as receive-webhook queues it. */
export function queuedThread(change: Partial<QueuedThread> = {}): QueuedThread {
  return {
    version: 1,
    portalId: '62515',
    threadId: '7',
    messageIds: [],
    reasons: ['conversation.newMessage'],
    occurredAt: 1_799_999_990_000,
    receivedAt: 1_799_999_999_000,
    requestId: 'webhook-1',
    waits: 0,
    looks: 0,
    ...change,
  };
}

/** A record of the queue that holds such a thread. The tenth try is its last. */
export function queueRecord(recordId: string, change: Partial<QueuedThread>, receiveCount = 1): QueueRecord {
  const body = JSON.stringify(queuedThread(change));
  return { recordId, body, receiveCount, isLastTry: receiveCount >= 10 };
}
