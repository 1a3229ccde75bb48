import { type Fault } from '../../functions/thread-queue/fault.ts';
import { type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';

/** A dead letter, wherever it is kept. */
export type DeadLetter = {
  /** In its queue. */
  recordId: string;
  /** What it asks for; undefined when its body is not a queued thread. */
  thread: QueuedThread | undefined;
  /** Why it was set aside; without a fault the worker did not get to say so. */
  reason: string | undefined;
  fault: Fault | undefined;
  /** How often it was taken, where that is known. */
  tries: number | undefined;
  /** Since when it has been kept, milliseconds since 1970. */
  keptSince: number;
};

/** Dead letters and where they go back to: SQS queues, or a folder. */
export type DeadLetterHome = {
  /** All of them that can be seen now. The notices say which may be missing. Changes nothing. */
  list: () => Promise<{ letters: DeadLetter[]; notices: string[] }>;
  /**
   * Has those tried again that are wanted and are of a thread, and says so of each. Gives those that are of none, and stay.
   * Can be repeated, and be cut off at any moment: each letter stays where it is until it is safe on the other side.
   */
  redrive: (request: RedriveRequest) => Promise<{ left: DeadLetter[]; notices: string[] }>;
};

/** Which dead letters to redrive, how fast, and who hears of each. */
export type RedriveRequest = {
  isWanted: (letter: DeadLetter) => boolean;
  perSecond: number;
  onRedriven: (letter: DeadLetter) => void;
};
