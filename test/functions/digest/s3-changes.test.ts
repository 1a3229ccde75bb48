import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type VersionDescription } from '../../../functions/archive/s3-versions.ts';
import { createS3Changes } from '../../../functions/digest/s3-changes.ts';

const sqs = mockClient(SQSClient);
const QUEUE = 'https://sqs.example.com/1/changes';

let waiting: Message[];
let unreadable: number[];
beforeEach(() => {
  sqs.reset();
  waiting = [];
  unreadable = [];
  sqs.on(ReceiveMessageCommand).callsFake(() => ({ Messages: waiting.splice(0, 10) }));
  sqs.on(DeleteMessageBatchCommand).resolves({});
});

const described = (found: VersionDescription | undefined) => (version: object) => {
  asked.push(version);
  return Promise.resolve(found);
};
let asked: object[];
beforeEach(() => {
  asked = [];
});

function changesOf(found: VersionDescription | undefined) {
  return createS3Changes({
    client: new SQSClient({ region: 'eu-central-1' }),
    queueUrl: QUEUE,
    describeVersion: described(found),
    onUnreadable: (messages) => void unreadable.push(messages),
  });
}

function message(id: string, eventName = 'ObjectCreated:Put'): Message {
  const s3 = { object: { key: `threads/${id}.json`, versionId: `v${id}` } };
  const Body = JSON.stringify({ Records: [{ eventName, eventTime: '2026-02-02T12:00:00.000Z', s3 }] });
  return { MessageId: id, ReceiptHandle: `handle ${id}`, Body };
}

const FOUND = {
  sha256: 'ab'.repeat(32),
  bytes: 7,
  metadata: { 'request-id': 'writer', 'fetch-started-at': '2026-02-02 11:59:59.000' },
};

describe('the changes of a bucket', () => {
  it('are what S3 says of each version that the queue names', async () => {
    waiting.push(message('1'));

    const { changes, more } = await changesOf(FOUND).take(10_000);

    expect(changes).toEqual([
      {
        event: 'written',
        key: 'threads/1.json',
        version_id: 'v1',
        sha256: FOUND.sha256,
        bytes: 7,
        fetch_started_at: '2026-02-02 11:59:59.000',
        request_id: 'writer',
        at: '2026-02-02 12:00:00.000',
      },
    ]);
    expect(asked).toEqual([{ key: 'threads/1.json', versionId: 'v1' }]);
    expect(more).toBe(false);
  });

  it('have no checksum of a version that is gone by then, and none is asked for of one that was deleted', async () => {
    waiting.push(message('1'), message('2', 'ObjectRemoved:Delete'));

    const { changes } = await changesOf(undefined).take(10_000);

    expect(changes).toMatchObject([
      { event: 'written', sha256: null, bytes: null, request_id: null },
      { event: 'erased', sha256: null, bytes: null },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('are taken to the limit and no further, and there may be more', async () => {
    waiting.push(...Array.from({ length: 300 }, (_, i) => message(String(i))));

    const { changes, more } = await changesOf(FOUND).take(100);

    expect(changes.length).toBeGreaterThanOrEqual(100);
    expect(changes.length).toBeLessThan(200);
    expect(more).toBe(true);
  });

  it('stay on the queue until they are acknowledged', async () => {
    waiting.push(...Array.from({ length: 12 }, (_, i) => message(String(i))));
    const { acknowledge } = await changesOf(FOUND).take(10_000);
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(0);

    await acknowledge();

    const deleted = sqs
      .commandCalls(DeleteMessageBatchCommand)
      .map(({ args: [{ input }] }) => input.Entries!);
    expect(deleted.map((entries) => entries.length)).toEqual([10, 2]);
    expect(deleted.flat().map(({ ReceiptHandle }) => ReceiptHandle)).toContain('handle 11');
  });

  it('leave on the queue what nobody can read', async () => {
    waiting.push({ MessageId: 'x', ReceiptHandle: 'handle x', Body: 'nonsense' }, message('1'));

    const { changes, acknowledge } = await changesOf(FOUND).take(10_000);
    await acknowledge();

    expect(changes).toHaveLength(1);
    expect(unreadable).toEqual([1]);
    const [call] = sqs.commandCalls(DeleteMessageBatchCommand);
    expect(call?.args[0].input.Entries).toEqual([{ Id: '0', ReceiptHandle: 'handle 1' }]);
  });
});
