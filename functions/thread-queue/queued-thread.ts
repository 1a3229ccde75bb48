import * as z from 'zod/mini';
import { parseJson } from '../json.ts';
import { type ThreadId } from '../thread-id.ts';

/**
 * SQS delays an entry by 15 minutes at most
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, read November 2026).
 */
export const LONGEST_DELAY_SECONDS = 900;

/** Body of a message on the thread queue: a thread to be archived, and why. Ids only, never content. */
const queuedThreadSchema = z.strictObject({
  version: z.literal(1),
  portalId: z.string().check(z.minLength(1)),
  threadId: z.string().check(z.minLength(1)),
  /** Messages that events announced: the archive must show each before this is done. */
  messageIds: z.array(z.string()),
  /** Subscription types of the events, each once. */
  reasons: z.array(z.string()),
  /** When the newest of the events happened, by HubSpot's clock, milliseconds since 1970. */
  occurredAt: z.number(),
  /** When receive-webhook accepted them, or when an operator last redrove them, milliseconds since 1970. */
  receivedAt: z.number(),
  /** Request id of the invocation that queued it. */
  requestId: z.string(),
  /** How often it has been queued anew only to wait. */
  waits: z.int().check(z.nonnegative()),
  /** How many fetches have looked in vain for the thread or for a message that it names. */
  looks: z.int().check(z.nonnegative()),
});
export type QueuedThread = z.infer<typeof queuedThreadSchema>;

/** What is known of a thread that is to be queued. */
export type QueueCall = ThreadId & Pick<QueuedThread, 'reasons' | 'occurredAt' | 'receivedAt' | 'requestId'>;

/** A thread as it is queued for the first time, with no message named: nothing of it is tried yet. */
export function newQueuedThread(call: QueueCall): QueuedThread {
  const { portalId, threadId, reasons, occurredAt, receivedAt, requestId } = call;
  const ids = { portalId, threadId, messageIds: [] };
  return { version: 1, ...ids, reasons, occurredAt, receivedAt, requestId, waits: 0, looks: 0 };
}

/** The thread a queue message names, or undefined when its body is not one of ours. */
export function parseQueuedThread(body: string): QueuedThread | undefined {
  try {
    return z.safeParse(queuedThreadSchema, parseJson(body)).data;
  } catch {
    return undefined;
  }
}

/** A dead letter's thread as it goes back onto the queue: with all its tries and two days of patience ahead of it. */
export function redriven(thread: QueuedThread, now: number): QueuedThread {
  // One wait and not none: a worker may have been cut off in the middle of it, so an earlier fetch must not cover it.
  return { ...thread, receivedAt: now, waits: 1, looks: 0 };
}

/** A message taken from the queue. It comes back unless it is acknowledged. */
export type QueueRecord = {
  recordId: string;
  body: string;
  /** How often it has been taken, this time included. */
  receiveCount: number;
  /** Whether the queue gives it up when it is not acknowledged this time. */
  isLastTry: boolean;
};

/** Puts threads on the queue. Resolves when every one is accepted; otherwise throws QueueError, and some may be. */
export type SendThreads = (threads: readonly QueuedThread[]) => Promise<void>;
