import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

// MiniStack's queue URLs say localhost, its endpoint 127.0.0.1.
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });

/** All attributes of a queue. */
export async function readQueue(url: string): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
  return (await sqs.send(command)).Attributes ?? {};
}

/** The URL of the stack's queue that has this in its name. For a queue that no output of the stack tells of. */
export async function findQueue(name: string): Promise<string> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const url = QueueUrls.find((each) => each.includes(name));
  if (url === undefined) throw new Error(`no queue is called ${name}`);
  return url;
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

/** Resolves when so many messages can be taken from the queue. */
export async function visible(url: string, count: number): Promise<void> {
  while (Number((await readQueue(url))['ApproximateNumberOfMessages']) !== count) await sleep(100);
}

/**
 * Takes every visible message off the queue, ten at most, and lets it be seen again at once: a worker that ends without an
 * answer. Gives their bodies.
 */
export async function takeInVain(url: string): Promise<string[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
  return ((await sqs.send(command)).Messages ?? []).map(({ Body }) => Body!);
}

/** Puts a body on the queue. */
export async function sendBody(url: string, body: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
}
