import {
  parseQueuedThread,
  type QueuedThread,
  type SendThreads,
} from '../../functions/thread-queue/queued-thread.ts';
import { QueueError } from '../../functions/errors.ts';
import { type Choice, type Draw } from './choices.ts';
import { callOutside, type Life } from './life.ts';
import { type Stage } from './stage.ts';

/** A message of the queue. It is acknowledged, dead, or comes again. */
export type Message = {
  id: string;
  body: string;
  thread: QueuedThread;
  sentAt: number;
  visibleAt: number;
  receiveCount: number;
  /** Whether another entry has taken its place. */
  isReplaced: boolean;
  /** Of the last receive; older ones give nothing back and may still delete. */
  receipt: number;
};

/** A message as one receive gave it. */
export type Delivery = { message: Message; receipt: number; receiveCount: number };

/** A standard SQS queue with a dead-letter queue behind it: at least once, in no order. */
export type Queue = {
  /** The queue as the receiver reaches it. */
  senderFor: (life: Life) => SendThreads;
  receive: (limit: number) => Delivery[];
  /** Puts another entry in a message's place, to be seen after so many seconds. */
  replace: (delivery: Delivery, thread: QueuedThread, seconds: number) => void;
  /** Gives a message back, to be seen after so many seconds. */
  giveBack: (delivery: Delivery, seconds: number) => void;
  /** Puts a copy of a message into the dead-letter queue. */
  setAside: (delivery: Delivery) => void;
  acknowledge: (delivery: Delivery) => void;
  /** When the next message becomes visible; undefined when there is none. */
  nextVisibleAt: () => number | undefined;
  waiting: ReadonlyMap<string, Message>;
  dead: Message[];
  /** Every message the queue ever accepted. */
  accepted: Message[];
  /** Calls this whenever a message may have become visible earlier than was known. */
  onChange: () => void;
};

/** As the stack sets it. */
export const MAX_RECEIVE_COUNT = 10;

export function createQueue(stage: Stage): Queue {
  const { clock, choices } = stage;
  const { coalesce, visibility } = stage.plan.settings;
  const waiting = new Map<string, Message>();
  const accepted: Message[] = [];
  let receipts = 0;

  function accept(body: string, delay = coalesce): void {
    const thread = parseQueuedThread(body);
    if (thread === undefined) throw new Error('the receiver queues what the archiver cannot read');
    const now = clock.now();
    const times = { sentAt: now, visibleAt: now + delay };
    const message = {
      id: `m${accepted.length + 1}`,
      body,
      thread,
      ...times,
      receiveCount: 0,
      isReplaced: false,
      receipt: 0,
    };
    waiting.set(message.id, message);
    accepted.push(message);
    stage.trace(
      () => `queue takes ${message.id}: thread ${thread.threadId}, ${thread.messageIds.map(short).join(' ')}`,
    );
    queue.onChange();
  }

  const senderFor =
    (life: Life): SendThreads =>
    (threads) => {
      const choice = choices.take('send', (random) => stage.draw(random, 'queue', drawSendFault));
      return callOutside(clock, stage.call(life, 'send', choice), () => {
        const bodies = threads.map((thread) => JSON.stringify(thread));
        if (choice.fault === 'refused')
          throw new QueueError(`SQS refused ${bodies.length} of ${bodies.length} entries`);
        const taken = choice.fault === 'partly' ? bodies.slice(0, Math.floor(bodies.length / 2)) : bodies;
        for (const body of taken) accept(body);
        if (choice.fault !== undefined) throw new QueueError(`SQS refused some of ${bodies.length} entries`);
      });
    };

  function receive(limit: number): Delivery[] {
    const now = clock.now();
    const choice = choices.take('receive', (random) => stage.draw(random, 'queue', drawReceiveFault));
    if (choice.fault !== undefined) stage.count(`receive ${choice.fault}`);
    const visible = [...waiting.values()].filter(({ visibleAt }) => visibleAt <= now);
    if (choice.fault === 'reordered') visible.reverse();
    const taken: Delivery[] = [];
    for (const message of visible) {
      if (taken.length === limit) break;
      if (message.receiveCount >= MAX_RECEIVE_COUNT) {
        waiting.delete(message.id);
        queue.dead.push(message);
        stage.trace(() => `queue sets ${message.id} aside`);
        continue;
      }
      message.receiveCount++;
      message.receipt = ++receipts;
      // At least once: now and then a server of the queue has not heard that the message is taken.
      message.visibleAt = now + (choice.fault === 'twice' ? (choice.value ?? 0) : visibility);
      taken.push({ message, receipt: message.receipt, receiveCount: message.receiveCount });
    }
    return taken;
  }

  const isCurrent = ({ message, receipt }: Delivery) =>
    waiting.has(message.id) && message.receipt === receipt;
  const queue: Queue = {
    senderFor,
    receive,
    replace({ message }, thread, seconds) {
      const named = new Set(thread.messageIds);
      if (
        thread.threadId !== message.thread.threadId ||
        !message.thread.messageIds.every((id) => named.has(id))
      ) {
        stage.violate(1, `what takes the place of ${message.id} names less than it`);
      }
      message.isReplaced = true;
      accept(JSON.stringify(thread), seconds * 1000);
    },
    giveBack(delivery, seconds) {
      if (!isCurrent(delivery)) return;
      delivery.message.visibleAt = clock.now() + seconds * 1000;
      queue.onChange();
    },
    setAside({ message }) {
      queue.dead.push(message);
    },
    acknowledge({ message }) {
      waiting.delete(message.id);
    },
    nextVisibleAt: () => {
      let next = Infinity;
      for (const { visibleAt } of waiting.values()) next = Math.min(next, visibleAt);
      return waiting.size === 0 ? undefined : next;
    },
    waiting,
    dead: [],
    accepted,
    onChange: () => undefined,
  };
  return queue;
}

function drawSendFault(random: Draw): Choice {
  return { fault: random.pick(['refused', 'partly', 'answer lost']) };
}

function drawReceiveFault(random: Draw): Choice {
  return random.chance(0.5) ? { fault: 'reordered' } : { fault: 'twice', value: random.int(0, 5_000) };
}

/** The beginning of a message id: enough to tell a schedule's messages apart. */
export function short(id: string): string {
  return id.slice(0, 6);
}
