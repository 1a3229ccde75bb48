import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ARCHIVE_THREAD_ENV } from '../support/env.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { consoleLines, stubLambda } from '../support/lambda.ts';
import { sqsRecord } from '../support/sqs-record.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);
let output: string[];

beforeEach(() => {
  for (const client of [s3, sqs, secrets]) client.reset();
  s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: 'missing' }));
  s3.on(ListObjectsV2Command).resolves({});
  s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"62515":"the-access-token"}' });
  output = consoleLines();
  actorCalls = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The handler in a fresh sandbox, with a HubSpot that has these threads. */
async function coldStart(threads: Record<string, string[]>, change: Record<string, string> = {}) {
  stubLambda({ ...ARCHIVE_THREAD_ENV, REQUESTS_PER_SECOND: '1000', ...change });
  vi.stubGlobal('fetch', (url: URL, init: RequestInit) => Promise.resolve(hubSpot(threads, url, init)));
  const { handler } = await import('../../functions/archive-thread.ts');
  return (records: SQSEvent['Records'], context = lambdaContext()) =>
    handler({ Records: records }, context as Context);
}

function hubSpot(threads: Record<string, string[]>, url: URL, init: RequestInit): Response {
  if (new Headers(init.headers).get('authorization') !== 'Bearer the-access-token')
    return new Response('{}', { status: 401 });
  if (url.pathname.endsWith('/original-content'))
    return Response.json({ text: 'the whole text of a message' });
  if (url.pathname.startsWith('/files/')) return new Response('{}', { status: 403 });
  const [, threadId, list] = /\/threads\/(\d+)(\/messages)?$/.exec(url.pathname) ?? [];
  const ids = threads[threadId ?? ''];
  if (url.pathname.endsWith('/actors/batch/read')) return readActors(init);
  if (threadId === '500') return new Response('the text of a message', { status: 400 });
  if (ids === undefined) return new Response('{}', { status: 404 });
  const messages = ids.map((id) => ({
    id,
    createdAt: '2026-01-31T10:00:00Z',
    text: 'the text of a message',
    createdBy: id.startsWith('A-') || id.startsWith('E-') ? id : undefined,
    ...(id === 'cut' && {
      truncationStatus: 'TRUNCATED',
      attachments: [{ type: 'FILE', fileId: '141', name: 'the name of a file.pdf' }],
    }),
  }));
  return Response.json(list === undefined ? { id: threadId, archived: false } : { results: messages });
}

let actorCalls: string[][];

/** Knows everybody by the same name, but for 500, who makes it fail. */
function readActors(init: RequestInit): Response {
  const { inputs } = JSON.parse(init.body as string) as { inputs: string[] };
  actorCalls.push(inputs);
  if (inputs.includes('A-500')) return new Response('{"message":"about Ann Doe"}', { status: 403 });
  return Response.json({ results: inputs.map((id) => ({ id, name: 'Ann Doe' })) });
}

const written = () => s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input.Key);

describe('archive-thread', () => {
  it('archives the threads of a batch and acknowledges their records', async () => {
    const handler = await coldStart({ '7': ['a'], '8': ['b'] });

    const answer = await handler([
      sqsRecord('r1', { messageIds: ['a'] }),
      sqsRecord('r2', { threadId: '8' }),
    ]);

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(written().sort()).toEqual([
      'messages/portal_id=62515/dt=2026-01-31/7.json.gz',
      'messages/portal_id=62515/dt=2026-01-31/8.json.gz',
      // Before the first part of a new day, and when all is done.
      'threads/portal_id=62515/7.json',
      'threads/portal_id=62515/7.json',
      'threads/portal_id=62515/8.json',
      'threads/portal_id=62515/8.json',
    ]);
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'archive-bucket',
      IfNoneMatch: '*',
      Metadata: { 'request-id': 'request-of-the-test' },
    });
  });

  it('gives back the records of what failed, with a delay of their own, and no others', async () => {
    const handler = await coldStart({ '7': ['a'], '500': [] });

    const answer = await handler([
      sqsRecord('fine', { messageIds: ['a'] }),
      sqsRecord('refused', { threadId: '500' }),
    ]);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'refused' }] });
    const delays = sqs.commandCalls(ChangeMessageVisibilityCommand).map((call) => call.args[0].input);
    expect(delays).toEqual([
      {
        QueueUrl: ARCHIVE_THREAD_ENV.THREAD_QUEUE_URL,
        ReceiptHandle: 'receipt of refused',
        VisibilityTimeout: 10,
      },
    ]);
    expect(written()).toContain('threads/portal_id=62515/7.json');
  });

  it('sets aside what fails at its last try, with the reason, and acknowledges its record', async () => {
    const handler = await coldStart({ '7': ['a'], '500': [] });
    const poison = sqsRecord('poison', { threadId: '500' }, 10);

    const answer = await handler([
      poison,
      sqsRecord('mate', { messageIds: ['a'] }, 10),
      { ...sqsRecord('broken', {}, 1), body: '{' },
    ]);

    expect(answer).toEqual({ batchItemFailures: [] });
    const sent = sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input);
    const text = (value: string) => ({ DataType: 'String', StringValue: value });
    const number = (value: string) => ({ DataType: 'Number', StringValue: value });
    expect(sent).toEqual([
      {
        QueueUrl: ARCHIVE_THREAD_ENV.DEAD_LETTER_QUEUE_URL,
        MessageBody: '{',
        MessageAttributes: {
          reason: text('RecordError: the body is not a queued thread'),
          errorClass: text('RecordError'),
          requestId: text('request-of-the-test'),
          receiveCount: number('1'),
        },
      },
      {
        QueueUrl: ARCHIVE_THREAD_ENV.DEAD_LETTER_QUEUE_URL,
        MessageBody: poison.body,
        MessageAttributes: {
          reason: text(
            'HubSpotError: HubSpot answered 400 to GET /conversations/v3/conversations/threads/500?association=TICKET of account 62515',
          ),
          errorClass: text('HubSpotError'),
          status: number('400'),
          requestId: text('request-of-the-test'),
          receiveCount: number('10'),
        },
      },
    ]);
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand)).toEqual([]);
    expect(written()).toContain('threads/portal_id=62515/7.json');
    expect(output.join('\n')).toContain('record set aside');
  });

  it('leaves it to SQS to set a record aside when that cannot be done here', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('no connection'));
    const handler = await coldStart({ '500': [] });

    const answer = await handler([sqsRecord('poison', { threadId: '500' }, 10)]);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
  });

  it('queues anew what only has to wait, and acknowledges its record', async () => {
    const handler = await coldStart({ '8': ['b'] });

    const answer = await handler([sqsRecord('early', { threadId: '8', messageIds: ['not yet'] })]);

    expect(answer).toEqual({ batchItemFailures: [] });
    const [sent] = sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input);
    expect(sent).toMatchObject({ QueueUrl: ARCHIVE_THREAD_ENV.THREAD_QUEUE_URL, DelaySeconds: 10 });
    expect(JSON.parse(sent!.MessageBody!)).toMatchObject({
      threadId: '8',
      messageIds: ['not yet'],
      waits: 2,
      looks: 1,
    });
  });

  it('gives the record back when it cannot be queued anew', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('no connection'));
    const handler = await coldStart({ '8': ['b'] });

    const answer = await handler([sqsRecord('early', { threadId: '8', messageIds: ['not yet'] })]);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'early' }] });
  });

  it('gives records back even when their delay cannot be set', async () => {
    sqs.on(ChangeMessageVisibilityCommand).rejects(new Error('receipt expired'));
    const handler = await coldStart({ '500': [] });

    const answer = await handler([sqsRecord('refused', { threadId: '500' })]);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'refused' }] });
  });

  it('queues anew what it has no time to begin', async () => {
    const handler = await coldStart({ '7': ['a'] });

    const answer = await handler(
      [sqsRecord('r1', {})],
      lambdaContext({ getRemainingTimeInMillis: () => 1_000 }),
    );

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toMatchObject({ DelaySeconds: 0 });
    expect(written()).toEqual([]);
  });

  it('lets a thread wait, with its tries, when S3 is in trouble', async () => {
    const slowDown = new S3ServiceException({
      name: 'SlowDown',
      $fault: 'server',
      $metadata: { httpStatusCode: 503 },
    });
    s3.on(PutObjectCommand).rejects(slowDown);
    const handler = await coldStart({ '7': ['a'] });

    const answer = await handler([sqsRecord('r1', { messageIds: ['a'] }, 10)]);

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toMatchObject({
      QueueUrl: ARCHIVE_THREAD_ENV.THREAD_QUEUE_URL,
    });
    expect(output.join('\n')).toContain('StoreError: S3 answered 503 SlowDown to PUT ');
  });

  it('says which account has no access token', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"1":"the-access-token"}' });
    const handler = await coldStart({ '7': ['a'] });

    await handler([sqsRecord('r1', {})]);

    expect(output.join('\n')).toContain('ConfigError: the secret access tokens has none for account 62515');
  });

  it('writes what belongs to a held thread under a legal hold, and nothing else', async () => {
    const hold = {
      thread_id: '7',
      held: true,
      held_since: null,
      cases: ['c'],
      history: [],
      schema_version: 1,
    };
    const Body = { transformToByteArray: () => Promise.resolve(Buffer.from(JSON.stringify(hold))) };
    s3.on(GetObjectCommand, { Key: 'holds/portal_id=62515/7.json' }).resolves({ Body: Body as never });
    const handler = await coldStart({ '7': ['a'], '8': ['A-1'] });

    await handler([sqsRecord('r1', {}), sqsRecord('r2', { threadId: '8' })]);

    const held = s3
      .commandCalls(PutObjectCommand)
      .map((call) => call.args[0].input)
      .filter((input) => input.ObjectLockLegalHoldStatus === 'ON');
    expect(new Set(held.map(({ Key }) => Key))).toEqual(
      new Set(['messages/portal_id=62515/dt=2026-01-31/7.json.gz', 'threads/portal_id=62515/7.json']),
    );
  });

  it('counts what it did, and logs ids alone', async () => {
    const handler = await coldStart({ '7': ['a'], '500': [] });

    await handler([sqsRecord('r1', { messageIds: ['a'] }), sqsRecord('r2', { threadId: '500' })]);

    const all = output.join('\n');
    for (const metric of ['ThreadsArchived', 'PagesRead', 'PartsWritten', 'RecordsReturned', 'ArchiveLag']) {
      expect(all).toContain(metric);
    }
    expect(all).toContain('"threadId": "7"');
    for (const secret of ['the text of a message', 'the-access-token']) expect(all).not.toContain(secret);
  });

  it('counts originals, files and what it could not have, and tells no name of a file', async () => {
    const handler = await coldStart({ '7': ['cut'] });

    const answer = await handler([sqsRecord('r1', { messageIds: ['cut'] })]);

    expect(answer).toEqual({ batchItemFailures: [] });
    const all = output.join('\n');
    for (const metric of [
      'OriginalsFetched',
      'AttachmentsStored',
      'AttachmentBytes',
      'GapsNoted',
      'ScopesMissing',
    ]) {
      expect(all).toContain(metric);
    }
    expect(all).toMatch(/"originals": 1,\s+"files": 0,\s+"bytes": 0,\s+"gaps": 1,\s+"missingScopes": 1/);
    expect(all).not.toMatch(/the name of a file|the whole text/);
  });

  it('asks for no file when files are not archived', async () => {
    const handler = await coldStart({ '7': ['cut'] }, { ATTACHMENTS: 'false' });

    await handler([sqsRecord('r1', { messageIds: ['cut'] })]);

    expect(output.join('\n')).toMatch(/"originals": 1,\s+"files": 0,\s+"bytes": 0,\s+"gaps": 0/);
  });
});

describe('the actors that threads name', () => {
  it('are written once the threads are, by one call for a batch, and none when they come again', async () => {
    const handler = await coldStart({ '7': ['A-1', 'E-ann@example.com'], '8': ['A-1'] });

    await handler([sqsRecord('r1', {}), sqsRecord('r2', { threadId: '8' })]);
    await handler([sqsRecord('r3', {})]);

    expect(actorCalls).toHaveLength(1);
    expect(actorCalls[0]?.toSorted()).toEqual(['A-1', 'E-ann@example.com']);
    const actors = written().filter((key) => key?.startsWith('actors/'));
    expect(actors.toSorted()).toEqual([
      expect.stringMatching(/[0-9a-f]{64}\.json$/),
      expect.stringMatching(/A-1\.json$/),
    ]);
    expect(written().findLastIndex((key) => key?.startsWith('threads/portal_id=62515/8'))).toBeLessThan(
      written().findIndex((key) => key?.startsWith('actors/')),
    );
    expect(output.join('\n')).toContain('actors archived');
    expect(output.join('\n')).not.toMatch(/ann/i);
  });

  it('fail no record when they cannot be had, and are counted', async () => {
    const handler = await coldStart({ '7': ['A-500', 'E-ann@example.com'] });

    expect(await handler([sqsRecord('r1', {})])).toEqual({ batchItemFailures: [] });

    expect(written()).toContain('threads/portal_id=62515/7.json');
    expect(output.join('\n')).toMatch(/"ActorsFailed": ?2/);
    expect(output.join('\n')).toContain('actors not archived');
    expect(output.join('\n')).not.toMatch(/ann/i);
  });

  it('are left for the next batch when this one has taken long', async () => {
    const handler = await coldStart({ '7': ['A-1'] });
    let remainingMs = 200_000;
    const context = lambdaContext({ getRemainingTimeInMillis: () => (remainingMs -= 30_000) });

    await handler([sqsRecord('r1', {})], context);
    expect(actorCalls).toEqual([]);
    await handler([]);

    expect(actorCalls).toEqual([['A-1']]);
  });
});
