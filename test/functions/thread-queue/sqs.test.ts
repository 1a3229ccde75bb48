import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { QueueError } from '../../../functions/errors.ts';
import {
  createRoutedSender,
  createSqsBacklog,
  createSqsQueue,
  createSqsSender,
} from '../../../functions/thread-queue/sqs.ts';
import { queuedThread } from '../../support/queue-record.ts';

const sqs = mockClient(SQSClient);
const client = new SQSClient({ region: 'eu-central-1' });
const send = createSqsSender(client, 'https://sqs.example.com/threads');
beforeEach(() => sqs.reset());

const threads = (count: number) =>
  Array.from({ length: count }, (_, i) => queuedThread({ threadId: String(i) }));

describe('sending threads to SQS', () => {
  it.each([
    [1, [1]],
    [10, [10]],
    [25, [10, 10, 5]],
    [0, []],
  ])('takes as few calls as possible for %i threads', async (count, sizes) => {
    sqs.on(SendMessageBatchCommand).resolves({});

    await send(threads(count));

    const calls = sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input);
    expect(calls.map((call) => call.Entries?.length)).toEqual(sizes);
    const bodies = calls.flatMap(
      (call) => call.Entries?.map((entry) => JSON.parse(entry.MessageBody!) as unknown) ?? [],
    );
    expect(bodies).toEqual(threads(count));
  });

  it('gives every entry of a call an id of its own', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});

    await send(threads(10));

    const [call] = sqs.commandCalls(SendMessageBatchCommand);
    expect(new Set(call?.args[0].input.Entries?.map((entry) => entry.Id)).size).toBe(10);
  });

  it('fails when SQS refuses a single entry of an answer that is otherwise fine', async () => {
    const refused = { Id: '3', Code: 'InternalError', SenderFault: false };
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({})
      .resolves({ Failed: [refused] });

    const sending = send(threads(15));

    await expect(sending).rejects.toThrow(QueueError);
    await expect(sending).rejects.toThrow('SQS refused 1 of 15 entries: InternalError');
  });

  it('fails when a call fails', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('no connection'));

    await expect(send(threads(1))).rejects.toThrow('no connection');
  });
});

describe('sending threads by their roads', () => {
  it('puts each on the queue of its reason', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    const [ordinary, urgent, erasure] = [
      'https://sqs.example.com/a',
      'https://sqs.example.com/b',
      'https://sqs.example.com/c',
    ];
    const sendRouted = createRoutedSender(client, { ordinary, urgent, erasure });

    await sendRouted(
      ['newMessage', 'deletion', 'privacyDeletion', 'creation'].map((kind) =>
        queuedThread({ threadId: kind, reasons: [`conversation.${kind}`] }),
      ),
    );

    const calls = sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input);
    const sent = calls.map(({ QueueUrl, Entries }) => [
      QueueUrl,
      Entries?.map(({ MessageBody }) => (JSON.parse(MessageBody!) as { threadId: string }).threadId),
    ]);
    expect(sent).toEqual([
      [ordinary, ['newMessage', 'creation']],
      [urgent, ['deletion']],
      [erasure, ['privacyDeletion']],
    ]);
  });

  it('fails when one of the queues refuses', async () => {
    const url = 'https://sqs.example.com/full';
    sqs.on(SendMessageBatchCommand).resolves({});
    sqs.on(SendMessageBatchCommand, { QueueUrl: url }).rejects(new Error('full'));
    const sendRouted = createRoutedSender(client, {
      ordinary: url,
      urgent: url,
      erasure: 'https://sqs.example.com/c',
    });

    await expect(
      sendRouted([queuedThread({ reasons: ['conversation.privacyDeletion'] }), queuedThread({})]),
    ).rejects.toThrow('full');
  });
});

describe('giving a message back', () => {
  it('sets when it is seen again', async () => {
    sqs.on(ChangeMessageVisibilityCommand).resolves({});

    const queueUrl = 'https://sqs.example.com/threads';
    const queue = createSqsQueue(client, { queueUrl, deadLetterQueueUrl: 'https://sqs.example.com/dead' });

    await queue.returnAfter('r', 15);

    expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'https://sqs.example.com/threads',
      ReceiptHandle: 'r',
      VisibilityTimeout: 15,
    });
  });
});

describe('the backlog of a queue', () => {
  const backlog = createSqsBacklog(client, 'https://sqs.example.com/threads');

  it('is what waits to be taken and what waits for its delay', async () => {
    sqs.on(GetQueueAttributesCommand).resolves({
      Attributes: { ApproximateNumberOfMessages: '7', ApproximateNumberOfMessagesDelayed: '3' },
    });

    expect(await backlog()).toBe(10);
  });

  it('is not taken for nothing when SQS does not say', async () => {
    sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '7' } });

    await expect(backlog()).rejects.toThrow(QueueError);
  });
});
