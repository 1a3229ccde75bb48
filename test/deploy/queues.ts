import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

// MiniStack's queue URLs say localhost, its endpoint 127.0.0.1.
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });

/** All attributes of a queue. */
export async function readQueue(url: string): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
  return (await sqs.send(command)).Attributes ?? {};
}

/** How many messages a queue holds: waiting, delayed, or taken and not yet acknowledged. */
export async function countMessages(url: string): Promise<number> {
  const attributes = await readQueue(url);
  return ['', 'NotVisible', 'Delayed']
    .map((state) => Number(attributes[`ApproximateNumberOfMessages${state}`]))
    .reduce((sum, count) => sum + count, 0);
}

/** Resolves when the queue is empty. A message that moves between two states is in one of them all the time. */
export async function drained(url: string): Promise<void> {
  while ((await countMessages(url)) > 0) await sleep(250);
}
