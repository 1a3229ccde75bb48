import { randomUUID } from 'node:crypto';
import { type Fault } from '../functions/thread-queue/fault.ts';
import { type QueuedThread, type QueueRecord } from '../functions/thread-queue/queued-thread.ts';
import { type QueueMessage } from './queue-entries.ts';

/** A message of the folder's queue that was given up. */
export type DeadLetter = {
  recordId: string;
  body: string;
  /** How often it was taken. */
  receiveCount: number;
  /** Why it was given up; ids and statuses, never content. */
  reason: string;
  /** What the worker that set it aside said; undefined when the queue gave it up by itself. */
  fault: Fault | undefined;
  /** When it was sent, and when it was given up; milliseconds since 1970. */
  sentAt: number;
  buriedAt: number;
};

/** How often a message may be worked on when the process dies, before it is taken for the cause. */
const MAX_INTERRUPTIONS = 20;

/** A message for a thread, as it is when it is sent. */
export function newMessage(thread: QueuedThread, sentAt: number): QueueMessage {
  return neverTaken({ id: randomUUID(), sentAt }, thread);
}

/** A message that is about a thread and was never taken. */
export function neverTaken(
  { id, sentAt }: Pick<QueueMessage, 'id' | 'sentAt'>,
  thread: QueuedThread,
): QueueMessage {
  const body = JSON.stringify(thread);
  return { id, body, sentAt, receives: 0, interruptions: 0, taken: false, reason: null, buriedAt: null };
}

/** How often a message has failed; an end of the process in the middle of the work does not count. */
export function failuresOf({ receives, interruptions }: QueueMessage): number {
  return receives - interruptions;
}

/** Makes a dead letter of a message. */
export function markDead(message: QueueMessage, { reason, at, fault }: Burial): void {
  message.taken = false;
  message.reason = reason;
  message.buriedAt = at;
  if (fault !== undefined) message.fault = fault;
}
type Burial = { reason: string; at: number; fault?: Fault | undefined };

/** A message as it is taken. */
export function recordOf(message: QueueMessage, maxReceiveCount: number): QueueRecord {
  const { id, body, receives } = message;
  return { recordId: id, body, receiveCount: receives, isLastTry: failuresOf(message) >= maxReceiveCount };
}

/** The dead letters among messages, in their order. */
export function deadLettersOf(messages: Iterable<QueueMessage>): DeadLetter[] {
  return Array.from(messages).flatMap(({ id, body, receives, reason, fault, sentAt, buriedAt }) =>
    buriedAt === null
      ? []
      : [{ recordId: id, body, receiveCount: receives, reason: reason ?? '', fault, sentAt, buriedAt }],
  );
}

/** What is kept, as it is after the end of the process that had it: nothing is being worked on. */
export function recover(kept: ReadonlyMap<string, QueueMessage>, now: number): Map<string, QueueMessage> {
  const { interrupted = [], others = [] } = Object.groupBy(kept.values(), ({ taken }) =>
    taken ? 'interrupted' : 'others',
  );
  for (const message of interrupted) {
    message.taken = false;
    message.interruptions++;
    if (message.interruptions < MAX_INTERRUPTIONS) continue;
    markDead(message, {
      reason: `the process ended ${MAX_INTERRUPTIONS} times in the middle of it`,
      at: now,
    });
  }
  return new Map([...others, ...interrupted].map((message) => [message.id, message]));
}
