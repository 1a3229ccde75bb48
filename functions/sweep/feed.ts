import { type QueuedThread, type SendThreads } from '../thread-queue/queued-thread.ts';

/** A queue that is fed beside live traffic. */
export type Road = {
  send: SendThreads;
  /** How many entries wait on it, about. */
  backlog: () => Promise<number>;
};

/** What feeding works with. */
export type FeedOptions = {
  sleep: (ms: number) => Promise<void>;
  /** Whether there is time for something that takes so many milliseconds. */
  hasTime: (ms: number) => boolean;
  /** Most entries that may wait on the road, live ones included. Default: {@link MAX_BACKLOG}. */
  maxBacklog?: number;
};

/**
 * A worker reads some three threads a second, so these keep it busy for half a minute, and an event that comes in between
 * waits no longer than that.
 */
export const MAX_BACKLOG = 100;
const LOT_SIZE = 10;
// SQS counts with some delay; a second between lots lets it.
const BETWEEN_LOTS_MS = 1_000;
const WAIT_MS = 5_000;
// For asking the queue and sending a lot.
const LOT_MS = 10_000;

/**
 * Queues threads in small lots, as long as few entries wait; waits otherwise, and ends when time does. Gives how many are
 * queued, in their order: fewer than all when time was over. Repeating is harmless: an entry too many costs no call.
 * @throws QueueError when the queue does not take a lot; some may be queued all the same
 */
export async function feed(
  { send, backlog }: Road,
  threads: readonly QueuedThread[],
  { sleep, hasTime, maxBacklog = MAX_BACKLOG }: FeedOptions,
): Promise<number> {
  let sent = 0;
  while (sent < threads.length && hasTime(LOT_MS)) {
    const room = maxBacklog - (await backlog());
    if (room <= 0) {
      if (!hasTime(WAIT_MS + LOT_MS)) break;
      await sleep(WAIT_MS);
      continue;
    }
    const lot = threads.slice(sent, sent + Math.min(room, LOT_SIZE));
    await send(lot);
    sent += lot.length;
    if (sent < threads.length) await sleep(BETWEEN_LOTS_MS);
  }
  return sent;
}
