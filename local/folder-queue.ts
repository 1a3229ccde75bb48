import { randomUUID } from 'node:crypto';
import { ConfigError, QueueError } from '../functions/errors.ts';
import { type QueuedThread, type QueueRecord } from '../functions/thread-queue/queued-thread.ts';
import { createDueHeap, type Due } from './due-heap.ts';
import { codeOf } from './durable-files.ts';
import { type QueueEntry, type QueueMessage } from './queue-entries.ts';
import { type QueueJournal, readJournal, startJournal } from './queue-journal.ts';

/** Times of the queue, as SQS has them. */
export type FolderQueueOptions = {
  /** How long a new message stays hidden: events of one thread gather meanwhile. */
  delayMs: number;
  /** How long a taken message stays hidden unless it is acknowledged. */
  visibilityMs: number;
  /** A message taken more often than this becomes a dead letter. */
  maxReceiveCount: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Hears of each dead letter when it becomes one. */
  onDeadLetter?: (letter: DeadLetter) => void;
  /** Hears, in a line that names the file, of what was found in the folder and cannot be read. */
  onNotice?: (notice: string) => void;
};

/** A message that was given up. */
export type DeadLetter = QueueRecord & {
  /** Why it was given back the last time; ids and statuses, never content. */
  reason: string;
  /** When it was sent, and when it was given up; milliseconds since 1970. */
  sentAt: number;
  buriedAt: number;
};

/** The thread queue in a folder: what SQS does for the deployed stack, for one machine. */
export type FolderQueue = {
  /**
   * Puts threads on the queue. Once it resolves they outlive the process and a power cut.
   * @throws QueueError when the disk does not take them; some may be on the queue all the same
   */
  send: (threads: readonly QueuedThread[]) => Promise<void>;
  /** Takes up to so many messages that are visible now, those that have been so for longest first. */
  receive: (limit: number) => QueueRecord[];
  acknowledge: (recordId: string) => void;
  /**
   * Gives a message back, visible after so many seconds, or when its visibility ends.
   * @param reason ids and statuses, never content: it stays with the message
   */
  returnAfter: (recordId: string, seconds: number | undefined, reason: string) => void;
  /** Puts a thread in a message's place, as if never taken, visible after so many seconds. */
  requeue: (recordId: string, thread: QueuedThread, seconds: number) => void;
  /** Messages not acknowledged yet, hidden ones included, dead letters not. */
  size: () => number;
  /** Messages that were given up, oldest first. */
  deadLetters: () => readonly DeadLetter[];
  /** Leaves everything on the disk. Nothing may be called afterwards. */
  close: () => Promise<void>;
};

/** How often a message may be worked on when the process dies, before it is taken for the cause. */
const MAX_INTERRUPTIONS = 20;

/** A message that may be taken, now or later. */
type Waiting = Due & { message: QueueMessage };

/**
 * Opens the queue that is kept in a folder; the caller must be the only one. At least once, in no promised order.
 *
 * What `send` has resolved for is still there after a restart, with its receive count, and so are dead letters. Whatever
 * was not acknowledged is visible again at once. A message that was being worked on when the process died comes last and
 * by itself, because it may be what the process died of: then it stops nobody but itself. Such an end does not count as
 * a failure of the message, until it has met twenty.
 * @throws ConfigError when the folder cannot be read or written
 */
export async function openFolderQueue(folder: string, options: FolderQueueOptions): Promise<FolderQueue> {
  const { now, onDeadLetter = () => undefined, onNotice = () => undefined } = options;
  const kept = await readJournal(folder, onNotice).catch(explain(folder));
  const messages = recover(kept, now());
  const journal = await startJournal(folder, () => messages.values()).catch(explain(folder));
  return createQueue(messages, journal, { ...options, onDeadLetter });
}

type QueueSettings = FolderQueueOptions & Required<Pick<FolderQueueOptions, 'onDeadLetter'>>;

function createQueue(
  messages: Map<string, QueueMessage>,
  journal: QueueJournal,
  { delayMs, visibilityMs, maxReceiveCount, now, onDeadLetter }: QueueSettings,
): FolderQueue {
  const waiting = new Map<string, Waiting>();
  const due = createDueHeap<Waiting>();
  let order = 0;

  function add(message: QueueMessage, dueAt: number): void {
    const entry = { message, dueAt, order: order++ };
    messages.set(message.id, message);
    waiting.set(message.id, entry);
    due.add(entry);
  }

  function leave(entry: Waiting): void {
    waiting.delete(entry.message.id);
    due.remove(entry);
  }

  function receive(limit: number): QueueRecord[] {
    const taken: QueueMessage[] = [];
    while (taken.length < limit) {
      const entry = due.first();
      if (entry === undefined || entry.dueAt > now()) break;
      const { message } = entry;
      if (message.receives - message.interruptions >= maxReceiveCount) {
        bury(entry);
        continue;
      }
      const isSuspect = message.interruptions > 0;
      if (isSuspect && taken.length > 0) break;
      message.receives++;
      message.taken = true;
      due.move(entry, now() + visibilityMs);
      taken.push(message);
      if (isSuspect) break;
    }
    // Counted before the work begins: a message that kills the process must not be new to the next one.
    if (taken.length > 0) note({ op: 'take', ids: taken.map(({ id }) => id) });
    return taken.map(recordOf);
  }

  function bury(entry: Waiting): void {
    const { message } = entry;
    leave(entry);
    markDead(message, message.reason ?? 'taken, and neither acknowledged nor given back', now());
    note({ op: 'bury', id: message.id, reason: message.reason ?? '', at: message.buriedAt ?? 0 });
    onDeadLetter(letterOf(message));
  }

  function note(entry: QueueEntry): void {
    try {
      journal.append([entry]);
    } catch (error) {
      // The disk is full or broken. What has happened stays true in this process, the journal catches up as soon as it
      // can, and whatever a restart forgets of it is done once more.
      if (!(error instanceof QueueError)) throw error;
    }
  }

  async function send(threads: readonly QueuedThread[]): Promise<void> {
    const sent = threads.map((thread) => newMessage(thread, now()));
    for (const message of sent) add(message, now() + delayMs);
    try {
      journal.append(sent.map((message) => ({ op: 'put', message })));
      await journal.flush();
    } catch (error) {
      for (const { id } of sent) acknowledge(id);
      throw error;
    }
  }

  function acknowledge(recordId: string): void {
    const entry = waiting.get(recordId);
    if (entry === undefined) return;
    leave(entry);
    messages.delete(recordId);
    note({ op: 'remove', id: recordId });
  }

  function returnAfter(recordId: string, seconds: number | undefined, reason: string): void {
    const entry = waiting.get(recordId);
    if (entry === undefined) return;
    entry.message.taken = false;
    entry.message.reason = reason;
    if (seconds !== undefined) due.move(entry, now() + seconds * 1000);
    note({ op: 'return', id: recordId, reason });
  }

  function requeue(recordId: string, thread: QueuedThread, seconds: number): void {
    const entry = waiting.get(recordId);
    if (entry === undefined) return;
    entry.message = { ...entry.message, ...neverTaken(), body: JSON.stringify(thread) };
    messages.set(recordId, entry.message);
    due.move(entry, now() + seconds * 1000);
    note({ op: 'put', message: entry.message });
  }

  for (const message of messages.values()) if (message.buriedAt === null) add(message, now());
  return {
    send,
    receive,
    acknowledge,
    returnAfter,
    requeue,
    size: () => waiting.size,
    deadLetters: () => [...messages.values()].filter(({ buriedAt }) => buriedAt !== null).map(letterOf),
    close: journal.close,
  };
}

/** What is kept, as it is after the end of the process that had it: nothing is being worked on. */
function recover(kept: ReadonlyMap<string, QueueMessage>, now: number): Map<string, QueueMessage> {
  const { interrupted = [], others = [] } = Object.groupBy(kept.values(), ({ taken }) =>
    taken ? 'interrupted' : 'others',
  );
  for (const message of interrupted) {
    message.taken = false;
    message.interruptions++;
    if (message.interruptions < MAX_INTERRUPTIONS) continue;
    markDead(message, `the process ended ${MAX_INTERRUPTIONS} times in the middle of it`, now);
  }
  return new Map([...others, ...interrupted].map((message) => [message.id, message]));
}

function newMessage(thread: QueuedThread, sentAt: number): QueueMessage {
  return { id: randomUUID(), body: JSON.stringify(thread), sentAt, ...neverTaken() };
}

function neverTaken() {
  return { receives: 0, interruptions: 0, taken: false, reason: null, buriedAt: null };
}

function markDead(message: QueueMessage, reason: string, at: number): void {
  message.taken = false;
  message.reason = reason;
  message.buriedAt = at;
}

function recordOf({ id, body, receives }: QueueMessage): QueueRecord {
  return { recordId: id, body, receiveCount: receives };
}

function letterOf(message: QueueMessage): DeadLetter {
  const { reason, sentAt, buriedAt } = message;
  return { ...recordOf(message), reason: reason ?? '', sentAt, buriedAt: buriedAt ?? sentAt };
}

function explain(folder: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof QueueError) throw new ConfigError(error.message);
    throw new ConfigError(`the queue in ${folder} cannot be read (${codeOf(error)})`);
  };
}
