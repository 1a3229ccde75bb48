import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { QueueError } from '../errors.ts';
import { type Fault } from './fault.ts';
import { type QueuedThread, type SendThreads } from './queued-thread.ts';
import { type Route, routeOf } from './route.ts';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html (read November 2026):
// at most 10 entries and 1 MiB a call. Our largest entry names some hundred message ids, about 5 KB.
const ENTRIES_PER_CALL = 10;
const CONCURRENT_CALLS = 10;

/** Sends to an SQS queue, ten threads a call. The answer 200 can hide refused entries, so each is looked at. */
export function createSqsSender(client: SQSClient, queueUrl: string): SendThreads {
  return async (threads) => {
    const calls = Array.from({ length: Math.ceil(threads.length / ENTRIES_PER_CALL) }, (_, call) =>
      threads.slice(call * ENTRIES_PER_CALL, (call + 1) * ENTRIES_PER_CALL),
    );
    const refused = await pMap(
      calls,
      async (entries) => {
        const { Failed } = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: entries.map((thread, i) => ({ Id: String(i), MessageBody: JSON.stringify(thread) })),
          }),
        );
        return Failed?.map((entry) => entry.Code ?? 'unknown') ?? [];
      },
      { concurrency: CONCURRENT_CALLS },
    );
    const codes = refused.flat();
    if (codes.length > 0) {
      throw new QueueError(
        `SQS refused ${codes.length} of ${threads.length} entries: ${[...new Set(codes)].join(', ')}`,
      );
    }
  };
}

/** Sends each thread by its road. Resolves when every one is accepted. */
export function createRoutedSender(
  client: SQSClient,
  queueUrls: Readonly<Record<Route, string>>,
): SendThreads {
  const senders = {
    ordinary: createSqsSender(client, queueUrls.ordinary),
    urgent: createSqsSender(client, queueUrls.urgent),
    erasure: createSqsSender(client, queueUrls.erasure),
  };
  return async (threads) => {
    const byRoute = Map.groupBy(threads, ({ reasons }) => routeOf(reasons[0]));
    await Promise.all([...byRoute].map(([route, entries]) => senders[route](entries)));
  };
}

/**
 * How many entries of a queue wait to be taken, now or after their delay: about as many, and as of up to a minute ago
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html, read November 2026).
 * @throws QueueError when SQS does not say
 */
export function createSqsBacklog(client: SQSClient, queueUrl: string): () => Promise<number> {
  return async () => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...BACKLOG_ATTRIBUTES] }),
    );
    const waiting = BACKLOG_ATTRIBUTES.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
    if (Number.isNaN(waiting)) throw new QueueError('SQS does not say how many entries wait');
    return waiting;
  };
}

const BACKLOG_ATTRIBUTES = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed'] as const;

/** What a consumer does with the records of its queue, besides acknowledging them. Seconds: at most 900. */
export type SqsQueue = {
  /** Puts a thread on the queue, to be seen after so many seconds, whatever the queue's own delay is. */
  sendAfter: (thread: QueuedThread, seconds: number) => Promise<void>;
  /** Gives a record back, to be seen again after so many seconds. */
  returnAfter: (receiptHandle: string, seconds: number) => Promise<void>;
  /** Puts a record's body on the dead-letter queue, with each member of its fault as a message attribute. */
  sendDeadLetter: (body: string, fault: Fault) => Promise<void>;
};

/** An SQS queue and the dead-letter queue behind it, as their consumer reaches them. */
export function createSqsQueue(
  client: SQSClient,
  { queueUrl, deadLetterQueueUrl }: { queueUrl: string; deadLetterQueueUrl: string },
): SqsQueue {
  return {
    async sendAfter(thread, seconds) {
      const MessageBody = JSON.stringify(thread);
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: seconds }));
    },
    async returnAfter(ReceiptHandle, VisibilityTimeout) {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }),
      );
    },
    async sendDeadLetter(MessageBody, fault) {
      const attributes = Object.entries(fault).flatMap(([name, value]) => {
        const DataType = typeof value === 'number' ? 'Number' : 'String';
        return value === undefined ? [] : [[name, { DataType, StringValue: String(value) }] as const];
      });
      const MessageAttributes = Object.fromEntries(attributes);
      await client.send(
        new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody, MessageAttributes }),
      );
    },
  };
}
