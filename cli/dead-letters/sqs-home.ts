import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createPacer, type Clock } from '../../functions/hubspot/pacer.ts';
import { type Fault } from '../../functions/thread-queue/fault.ts';
import {
  parseQueuedThread,
  type QueuedThread,
  redriven,
} from '../../functions/thread-queue/queued-thread.ts';
import { routeOf } from '../../functions/thread-queue/route.ts';
import { type DeadLetter, type DeadLetterHome } from './dead-letter.ts';

/** The dead-letter queue of a stack, and the queues that its letters go back to. Without one for erasures, those stay. */
export type Queues = { deadLetterQueueUrl: string; threadQueueUrl: string; erasureQueueUrl?: string };

// SQS has no way to look into a queue but to take its messages. They are hidden from others for this long unless they are
// given back, so it is also how long they stay hidden when this process is killed.
const HOLD_SECONDS = 120;
// The most of one call, and of one batch
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html, read November 2026).
const LETTERS_PER_CALL = 10;
// Waiting at all makes SQS ask all of its servers: only then does an empty answer say that nothing is visible (same page).
const LONG_POLL_SECONDS = 1;

/** Dead letters in SQS. */
export function createSqsHome(client: SQSClient, queues: Queues, clock: Clock): DeadLetterHome {
  return {
    list: async () => {
      const notices = await describeHidden(client, queues.deadLetterQueueUrl);
      const letters: DeadLetter[] = [];
      const isWhole = await visitLetters(client, queues.deadLetterQueueUrl, (letter) => {
        letters.push(letter);
        return Promise.resolve('kept');
      });
      return { letters, notices: isWhole ? notices : [...notices, NOT_WHOLE] };
    },
    redrive: async ({ isWanted, perSecond, onRedriven }) => {
      const pacer = createPacer(perSecond, clock);
      const notices = await describeHidden(client, queues.deadLetterQueueUrl);
      const left: DeadLetter[] = [];
      const isWhole = await visitLetters(client, queues.deadLetterQueueUrl, async (letter, receiptHandle) => {
        if (!isWanted(letter)) return 'kept';
        const QueueUrl = letter.thread && queueOf(letter.thread, queues);
        if (letter.thread === undefined || QueueUrl === undefined) {
          left.push(letter);
          return 'kept';
        }
        await pacer.turn();
        const MessageBody = JSON.stringify(redriven(letter.thread, clock.now()));
        await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        // Only now: who is killed between the two calls has the thread archived once more, and loses nothing.
        await client.send(
          new DeleteMessageCommand({ QueueUrl: queues.deadLetterQueueUrl, ReceiptHandle: receiptHandle }),
        );
        onRedriven(letter);
        return 'gone';
      });
      return { left, notices: isWhole ? notices : [...notices, NOT_WHOLE] };
    },
  };
}

/** Where a thread goes back to. One that is to be erased must not be archived instead. */
function queueOf({ reasons }: QueuedThread, queues: Queues): string | undefined {
  return routeOf(reasons[0]) === 'erasure' ? queues.erasureQueueUrl : queues.threadQueueUrl;
}

const NOT_WHOLE = `the queue has more dead letters than can be looked through in ${HOLD_SECONDS} s: repeat the command for the others`;

/**
 * Shows each visible letter once, and gives back those that are kept. False when the first of them became visible again
 * before the last was seen.
 */
async function visitLetters(
  client: SQSClient,
  queueUrl: string,
  visit: (letter: DeadLetter, receiptHandle: string) => Promise<'kept' | 'gone'>,
): Promise<boolean> {
  const kept = new Map<string, string>();
  try {
    for (;;) {
      const messages = await receive(client, queueUrl);
      if (messages.length === 0) return true;
      const fresh = messages.filter(({ MessageId = '' }) => !kept.has(MessageId));
      for (const { MessageId = '', ReceiptHandle = '' } of messages) kept.set(MessageId, ReceiptHandle);
      if (fresh.length === 0) return false;
      for (const message of fresh) {
        const { MessageId = '', ReceiptHandle = '' } = message;
        if ((await visit(letterOf(message), ReceiptHandle)) === 'gone') kept.delete(MessageId);
      }
    }
  } finally {
    await giveBack(client, queueUrl, [...kept.values()]);
  }
}

async function receive(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: LETTERS_PER_CALL,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      VisibilityTimeout: HOLD_SECONDS,
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages;
}

/** What could not be given back comes back by itself. */
async function giveBack(
  client: SQSClient,
  queueUrl: string,
  receiptHandles: readonly string[],
): Promise<void> {
  for (let at = 0; at < receiptHandles.length; at += LETTERS_PER_CALL) {
    const Entries = receiptHandles
      .slice(at, at + LETTERS_PER_CALL)
      .map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
    await client
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch(() => undefined);
  }
}

async function describeHidden(client: SQSClient, queueUrl: string): Promise<string[]> {
  const name = 'ApproximateNumberOfMessagesNotVisible';
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] });
  const { Attributes = {} } = await client.send(command);
  const hidden = Number(Attributes[name] ?? 0);
  if (hidden === 0) return [];
  return [`SQS counts about ${hidden} more: somebody else looks at them, or did so a moment ago`];
}

function letterOf({ MessageId = '', Body = '', Attributes, MessageAttributes = {} }: Message): DeadLetter {
  const texts = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
  const fault = attributesSchema.safeParse(Object.fromEntries(texts)).data;
  return {
    recordId: MessageId,
    thread: parseQueuedThread(Body),
    reason: fault?.reason,
    fault,
    tries: fault?.receiveCount,
    keptSince: Number(Attributes?.SentTimestamp ?? 0),
  };
}

const attributesSchema: z.ZodType<Fault> = z.object({
  reason: z.string(),
  errorClass: z.string(),
  status: z.coerce.number().optional(),
  requestId: z.string(),
  receiveCount: z.coerce.number(),
});
