import { ConfigError, QueueError } from '../functions/errors.ts';
import { type Fault } from '../functions/thread-queue/fault.ts';
import {
  parseQueuedThread,
  type QueuedThread,
  type QueueRecord,
  redriven,
} from '../functions/thread-queue/queued-thread.ts';
import { routeOf } from '../functions/thread-queue/route.ts';
import { createDueHeap, type Due } from './due-heap.ts';
import { codeOf } from './durable-files.ts';
import { type QueueEntry, type QueueMessage } from './queue-entries.ts';
import { type QueueJournal, readJournal, startJournal } from './queue-journal.ts';
import {
  type DeadLetter,
  deadLettersOf,
  failuresOf,
  markDead,
  neverTaken,
  newMessage,
  recordOf,
  recover,
} from './queue-messages.ts';

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
   * Gives a message back, visible after so many seconds.
   * @param reason ids and statuses, never content: it stays with the message
   */
  returnAfter: (recordId: string, seconds: number, reason: string) => void;
  /** Puts a thread in a message's place, as if never taken, visible after so many seconds. */
  requeue: (recordId: string, thread: QueuedThread, seconds: number) => void;
  /** Makes a dead letter of a message. */
  setAside: (recordId: string, fault: Fault) => void;
  /**
   * Puts dead letters back among the messages, so many a second, each with all its tries ahead of it. Once it resolves this
   * outlives the process and a power cut. What is no dead letter, or of no thread, stays as it is: repeating does no harm.
   * @throws QueueError when the disk does not take it; some may be among the messages all the same
   */
  redrive: (recordIds: readonly string[], perSecond: number) => Promise<void>;
  /** Messages not acknowledged yet, hidden ones included, dead letters not. */
  size: () => number;
  /** Messages that were given up, oldest first. */
  deadLetters: () => readonly DeadLetter[];
  /** Leaves everything on the disk. Nothing may be called afterwards. */
  close: () => Promise<void>;
};

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
      if (failuresOf(message) >= maxReceiveCount) {
        bury(entry, message.reason ?? 'taken, and neither acknowledged nor given back');
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
    return taken.map((message) => recordOf(message, maxReceiveCount));
  }

  function bury(entry: Waiting, reason: string, fault?: Fault): void {
    const { message } = entry;
    const at = now();
    leave(entry);
    markDead(message, { reason, at, fault });
    note({ op: 'bury', id: message.id, reason, fault, at });
    deadLettersOf([message]).forEach(onDeadLetter);
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
    const sent = threads.map((thread) => {
      const message = newMessage(thread, now());
      // What is not ordinary goes ahead of all that waits.
      add(message, routeOf(thread.reasons[0]) === 'ordinary' ? now() + delayMs : 0);
      return message;
    });
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

  function returnAfter(recordId: string, seconds: number, reason: string): void {
    const entry = waiting.get(recordId);
    if (entry === undefined) return;
    entry.message.taken = false;
    entry.message.reason = reason;
    due.move(entry, now() + seconds * 1000);
    note({ op: 'return', id: recordId, reason });
  }

  function requeue(recordId: string, thread: QueuedThread, seconds: number): void {
    const entry = waiting.get(recordId);
    if (entry === undefined) return;
    entry.message = neverTaken(entry.message, thread);
    messages.set(recordId, entry.message);
    due.move(entry, now() + seconds * 1000);
    note({ op: 'put', message: entry.message });
  }

  function setAside(recordId: string, fault: Fault): void {
    const entry = waiting.get(recordId);
    if (entry !== undefined) bury(entry, fault.reason, fault);
  }

  async function redrive(recordIds: readonly string[], perSecond: number): Promise<void> {
    const entries: QueueEntry[] = [];
    for (const id of recordIds) {
      const letter = messages.get(id);
      if (letter === undefined || letter.buriedAt === null) continue;
      const thread = parseQueuedThread(letter.body);
      if (thread === undefined) continue;
      const message = neverTaken(letter, redriven(thread, now()));
      add(message, now() + (entries.length * 1000) / perSecond);
      entries.push({ op: 'put', message });
    }
    if (entries.length > 0) journal.append(entries);
    await journal.flush();
  }

  for (const message of messages.values()) if (message.buriedAt === null) add(message, now());
  return {
    send,
    receive,
    acknowledge,
    returnAfter,
    requeue,
    setAside,
    redrive,
    size: () => waiting.size,
    deadLetters: () => deadLettersOf(messages.values()),
    close: journal.close,
  };
}

function explain(folder: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof QueueError) throw new ConfigError(error.message);
    throw new ConfigError(`the queue in ${folder} cannot be read (${codeOf(error)})`);
  };
}
