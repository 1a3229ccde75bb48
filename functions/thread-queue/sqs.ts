import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { QueueError } from '../errors.ts';
import { type Fault } from './fault.ts';
import { type QueuedThread, type SendThreads } from './queued-thread.ts';

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

/** Puts one thread on an SQS queue, to be seen after so many seconds (at most 900), whatever the queue's own delay is. */
export async function sendAfter(
  client: SQSClient,
  { queueUrl, thread, seconds }: { queueUrl: string; thread: QueuedThread; seconds: number },
): Promise<void> {
  const MessageBody = JSON.stringify(thread);
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: seconds }));
}

/** Gives a message back to an SQS queue, to be seen again after so many seconds (at most 12 hours in all). */
export async function returnAfter(
  client: SQSClient,
  { queueUrl, receiptHandle, seconds }: { queueUrl: string; receiptHandle: string; seconds: number },
): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}

/**
 * Puts a record's body on the dead-letter queue with its fault beside it: a message attribute for each member, under its
 * name.
 */
export async function sendDeadLetter(
  client: SQSClient,
  { queueUrl, body, fault }: { queueUrl: string; body: string; fault: Fault },
): Promise<void> {
  const attributes = Object.entries(fault).flatMap(([name, value]) => {
    const DataType = typeof value === 'number' ? 'Number' : 'String';
    return value === undefined ? [] : [[name, { DataType, StringValue: String(value) }] as const];
  });
  const MessageAttributes = Object.fromEntries(attributes);
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes }));
}
