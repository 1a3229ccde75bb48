import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { ERASE_THREAD_ENV } from '../support/env.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { consoleLines, stubLambda } from '../support/lambda.ts';
import { sqsRecord } from '../support/sqs-record.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
let output: string[];

beforeEach(() => {
  for (const client of [s3, sqs]) client.reset();
  s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: 'missing' }));
  s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });
  s3.on(ListObjectVersionsCommand).resolves({});
  s3.on(DeleteObjectsCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  output = consoleLines();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function coldStart(changes: Partial<typeof ERASE_THREAD_ENV> | { PRIVACY_DELETION: 'hold' } = {}) {
  stubLambda({ ...ERASE_THREAD_ENV, ...changes });
  const { handler } = await import('../../functions/erase-thread.ts');
  return (event: SQSEvent | { task: 'revisit' }) => handler(event, lambdaContext() as Context);
}

const request = () => sqsRecord('r1', { threadId: '7', reasons: ['conversation.privacyDeletion'] }, 1);
const sent = () =>
  sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => ({
    delay: input.DelaySeconds,
    thread: JSON.parse(input.MessageBody!) as QueuedThread,
  }));
const written = () => s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input.Key);

const LOCKED = {
  thread_id: '7',
  policy: 'erase',
  event: 'conversation.privacyDeletion',
  requested_at: '2026-02-02 12:00:00.000',
  requested_by: 'r',
  started_at: '2026-02-02 12:00:00.000',
  finished_at: '2026-02-02 13:00:00.000',
  days: [],
  versions: 0,
  tombstones: [],
  locked: [{ key: 'k', version_id: 'v', until: '2026-02-03 00:00:00.000' }],
  schema_version: 1,
};
const objectOf = (json: unknown) => {
  const Body = { transformToByteArray: () => Promise.resolve(Buffer.from(JSON.stringify(json))) };
  return { Body: Body as never, ETag: '"e"' };
};

describe('erase-thread', () => {
  it('puts the tombstone, deletes the versions, and comes back in a quarter of an hour', async () => {
    const key = 'attachments/portal_id=62515/7/m/f/secret-name.pdf';
    s3.on(ListObjectVersionsCommand, { Prefix: 'attachments/portal_id=62515/7/' }).resolves({
      Versions: [{ Key: key, VersionId: 'v1', IsLatest: true }],
    });
    const handler = await coldStart();

    expect(await handler({ Records: [request()] })).toEqual({ batchItemFailures: [] });

    expect(written().slice(0, 3)).toEqual([
      // The request, and then what is done about it.
      'erasures/portal_id=62515/7.json',
      'erasures/portal_id=62515/7.json',
      'threads/portal_id=62515/7.json',
    ]);
    expect(s3.commandCalls(DeleteObjectsCommand)[0]?.args[0].input.Delete?.Objects).toEqual([
      { Key: key, VersionId: 'v1' },
    ]);
    expect(sent()).toMatchObject([{ delay: 900, thread: { threadId: '7', waits: 1 } }]);
    expect(output.join('\n')).not.toContain('secret-name');
  });

  it('deletes nothing under the policy hold', async () => {
    const handler = await coldStart({ PRIVACY_DELETION: 'hold' });

    expect(await handler({ Records: [request()] })).toEqual({ batchItemFailures: [] });

    expect(s3.commandCalls(DeleteObjectsCommand)).toHaveLength(0);
    expect(sent()).toEqual([]);
    expect(output.join('\n')).toContain('"held"');
  });

  it('queues, when the schedule asks, what a lock has kept', async () => {
    const Key = 'erasures/portal_id=62515/7.json';
    s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key }] });
    s3.on(GetObjectCommand, { Key }).resolves(objectOf(LOCKED));
    const handler = await coldStart();

    expect(await handler({ task: 'revisit' })).toBeUndefined();

    expect(sent()).toMatchObject([
      { delay: 0, thread: { threadId: '7', reasons: ['conversation.privacyDeletion'] } },
    ]);
  });

  it('fails when a record cannot be read, and queues all others first', async () => {
    const [corrupt, held] = ['erasures/portal_id=62515/6.json', 'holds/portal_id=62515/8.json'];
    const Key = 'erasures/portal_id=62515/7.json';
    s3.on(ListObjectsV2Command, { Prefix: 'erasures/portal_id=62515/' }).resolves({
      Contents: [{ Key: corrupt }, { Key }],
    });
    s3.on(ListObjectsV2Command, { Prefix: 'holds/portal_id=62515/' }).resolves({ Contents: [{ Key: held }] });
    s3.on(GetObjectCommand, { Key: corrupt }).resolves(objectOf({ text: 'secret words' }));
    s3.on(GetObjectCommand, { Key }).resolves(objectOf(LOCKED));
    s3.on(GetObjectCommand, { Key: held }).resolves(
      objectOf({
        thread_id: '8',
        held: true,
        held_since: '2026-02-02 12:00:00.000',
        cases: ['audit'],
        history: [],
        schema_version: 1,
      }),
    );
    const handler = await coldStart();

    await expect(handler({ task: 'revisit' })).rejects.toThrow(
      expect.objectContaining({ message: `cannot be read: ${corrupt}` }),
    );

    expect(sent()).toMatchObject([{ thread: { threadId: '7' } }, { thread: { threadId: '8' } }]);
  });
});
