import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { type createDescribeVersion } from '../archive/s3-versions.ts';
import { type ChangeSource } from './changes.ts';
import { type Change } from './digest.ts';
import { type Notice, parseNotification } from './notification.ts';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html (read November 2026).
const MESSAGES_PER_CALL = 10;
// Asks all of SQS's servers, and not a sample of them: no message is what is meant by empty.
const WAIT_SECONDS = 1;
const RECEIVERS = 8;
const CONCURRENT_CALLS = 32;

/** What is read of a queue. */
export type S3ChangesDeps = {
  client: SQSClient;
  queueUrl: string;
  describeVersion: ReturnType<typeof createDescribeVersion>;
  /** Hears of how many messages are left on the queue because they cannot be read. */
  onUnreadable: (messages: number) => void;
};

/**
 * The changes that a bucket notifies a queue of. S3 delivers each notification at least once, mostly within seconds
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html, read November 2026). A message is deleted
 * when it is acknowledged; until then it comes again, and so does one that cannot be read, until the queue sets it aside.
 */
export function createS3Changes({
  client,
  queueUrl,
  describeVersion,
  onUnreadable,
}: S3ChangesDeps): ChangeSource {
  async function receive(limit: number): Promise<{ messages: Message[]; isEmpty: boolean }> {
    const messages: Message[] = [];
    let isEmpty = false;
    const receiver = async () => {
      while (!isEmpty && messages.length < limit) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: MESSAGES_PER_CALL,
            WaitTimeSeconds: WAIT_SECONDS,
          }),
        );
        messages.push(...Messages);
        if (Messages.length === 0) isEmpty = true;
      }
    };
    await Promise.all(Array.from({ length: RECEIVERS }, receiver));
    return { messages, isEmpty };
  }

  async function describe(notice: Notice): Promise<Change> {
    const { key, version_id: versionId } = notice;
    const found = notice.event === 'written' ? await describeVersion({ key, versionId }) : undefined;
    return {
      ...notice,
      sha256: found?.sha256 ?? null,
      bytes: found?.bytes ?? null,
      fetch_started_at: found?.metadata['fetch-started-at'] ?? null,
      request_id: found?.metadata['request-id'] ?? null,
    };
  }

  async function acknowledge(messages: readonly Message[]): Promise<void> {
    const calls = Array.from({ length: Math.ceil(messages.length / MESSAGES_PER_CALL) }, (_, call) =>
      messages.slice(call * MESSAGES_PER_CALL, (call + 1) * MESSAGES_PER_CALL),
    );
    await pMap(
      calls,
      // What SQS does not delete comes again, and is listed twice.
      (entries) =>
        client.send(
          new DeleteMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: entries.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })),
          }),
        ),
      { concurrency: CONCURRENT_CALLS },
    );
  }

  return {
    async take(limit) {
      const { messages, isEmpty } = await receive(limit);
      const read = messages.map((message) => ({ message, notices: parseNotification(message.Body ?? '') }));
      const readable = read.flatMap(({ message, notices }) => (notices === undefined ? [] : [message]));
      if (readable.length < messages.length) onUnreadable(messages.length - readable.length);
      const notices = read.flatMap(({ notices }) => notices ?? []);
      const changes = await pMap(notices, describe, { concurrency: CONCURRENT_CALLS });
      return { changes, more: !isEmpty, acknowledge: () => acknowledge(readable) };
    },
  };
}
