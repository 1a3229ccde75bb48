import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SWEEP_THREADS_ENV } from '../support/env.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { consoleLines, stubLambda } from '../support/lambda.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);
let output: string[];

beforeEach(() => {
  for (const client of [s3, sqs, secrets]) client.reset();
  s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: 'missing' }));
  s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });
  sqs.on(SendMessageBatchCommand).resolves({});
  sqs
    .on(GetQueueAttributesCommand)
    .resolves({ Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesDelayed: '0' } });
  secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"62515":"the-access-token"}' });
  output = consoleLines();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The handler in a fresh sandbox, with a HubSpot that lists these threads as live and these as trash. */
async function coldStart(live: object[], trash: object[] = [], status = 200) {
  stubLambda({ ...SWEEP_THREADS_ENV, REQUESTS_PER_SECOND: '1000' });
  vi.stubGlobal('fetch', ({ pathname, searchParams }: URL) => {
    const threads = searchParams.get('archived') === 'true' ? trash : live;
    const results = pathname.endsWith('/threads') ? threads : [];
    const headers = { date: new Date().toUTCString() };
    return Promise.resolve(new Response(JSON.stringify({ results }), { status, headers }));
  });
  const { handler } = await import('../../functions/sweep-threads.ts');
  return (context: Partial<Context> = {}) => handler({}, lambdaContext(context) as Context);
}

const thread = (id: string, more: object = {}) => ({
  id,
  archived: false,
  latestMessageTimestamp: new Date(Date.now() - 3_600_000).toISOString(),
  subject: 'a secret subject',
  ...more,
});
const sent = () =>
  sqs.commandCalls(SendMessageBatchCommand).flatMap(({ args: [{ input }] }) =>
    input.Entries!.map(({ MessageBody }) => {
      const { threadId, reasons } = JSON.parse(MessageBody!) as { threadId: string; reasons: string[] };
      return [input.QueueUrl!.split('/').at(-1), threadId, ...reasons];
    }),
  );
/** The last value of each metric that was written. */
const metrics = () =>
  Object.assign(
    {},
    ...output
      .filter((line) => line.includes('_aws'))
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  ) as Record<string, unknown>;

describe('sweep-threads', () => {
  it('queues what is not archived, the trash by the urgent road, and keeps its place in the bucket', async () => {
    const handler = await coldStart([thread('7')], [thread('8', { archived: true })]);

    await handler();

    expect(sent()).toEqual([
      ['urgent-threads', '8', 'sweep.trash'],
      ['threads', '7', 'sweep'],
    ]);
    const written = s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input);
    const states = written.filter(({ Key }) => Key === 'sweeps/portal_id=62515/state.json');
    expect(states.map(({ IfMatch, IfNoneMatch }) => [IfMatch, IfNoneMatch])).toEqual([
      [undefined, '*'],
      ['"e"', undefined],
      ['"e"', undefined],
    ]);
    expect(written.map(({ Key }) => Key)).toContain('directory/portal_id=62515/refreshed.json');
  });

  it('counts what it did, and logs no word of what anybody wrote', async () => {
    const handler = await coldStart([thread('7')]);

    await handler();

    expect(metrics()).toMatchObject({
      ThreadsListed: expect.anything() as unknown,
      ThreadsSwept: expect.anything() as unknown,
      ThreadsMissed: expect.anything() as unknown,
      TrashUnarchived: 0,
      SweepsFailed: 0,
    });
    const lines = output.filter((line) => line.includes('threads swept'));
    expect(lines).toHaveLength(2);
    expect(output.join('\n')).not.toContain('secret subject');
    expect(output.join('\n')).not.toContain('the-access-token');
  });

  it('says once that HubSpot refuses, counts it, and does not fail', async () => {
    const handler = await coldStart([], [], 401);

    await handler();

    expect(metrics()).toMatchObject({ SweepsFailed: 1 });
    const errors = output.filter((line) => line.includes('"level":"ERROR"') || line.includes('"ERROR"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('HubSpot answered 401');
    expect(sent()).toEqual([]);
  });

  it('puts nothing onto a queue that is full', async () => {
    sqs.on(GetQueueAttributesCommand).resolves({
      Attributes: { ApproximateNumberOfMessages: '60', ApproximateNumberOfMessagesDelayed: '40' },
    });
    let left = 290_000;
    const handler = await coldStart([thread('7')]);

    await handler({ getRemainingTimeInMillis: () => (left -= 45_000) });

    expect(sqs.commandCalls(GetQueueAttributesCommand).length).toBeGreaterThan(0);
    expect(sent()).toEqual([]);
  });
});
