import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTexts, MARKERS } from '../simulation/markers.ts';
import { ARCHIVE_THREAD_ENV, RECEIVE_WEBHOOK_ENV } from '../support/env.ts';
import { requestOf, joinHeaders, type Forgery } from '../support/forgeries.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { logOutput } from '../support/log-output.ts';
import { queuedThread } from '../support/queue-record.ts';
import { newMessageEvent, SIGNED_AT } from '../support/webhook.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);
const CONFIDENTIAL = Object.values(MARKERS);
const foreignError = (name: string) =>
  Object.assign(new Error(CONFIDENTIAL.join()), { name, cause: CONFIDENTIAL });

let output: ReturnType<typeof logOutput>;
beforeEach(() => {
  for (const client of [s3, sqs, secrets]) client.reset();
  vi.resetModules();
  // At this level each refusal has a line too.
  const settings = {
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    POWERTOOLS_METRICS_NAMESPACE: 'Test',
    AWS_REGION: 'eu-central-1',
  };
  const env = { ...RECEIVE_WEBHOOK_ENV, ...ARCHIVE_THREAD_ENV, ...settings, REQUESTS_PER_SECOND: '1000' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  output = logOutput();
});
afterEach(() => {
  output.restore();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Sees that there are log lines of these messages, metrics among them, and that no line tells anything. */
function expectHarmless(messages: string[], signatures: string[] = []): void {
  const text = output.take();
  const lines = text.split('\n').filter((line) => line !== '');
  const logged = lines.map((line) => (JSON.parse(line) as { message?: string }).message ?? 'metrics');
  expect([...new Set(logged)].sort()).toEqual([...messages, 'metrics'].sort());
  expect(findTexts(text, signatures)).toEqual([]);
}

describe('the log of receive-webhook', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: SIGNED_AT, toFake: ['Date'] });
  });

  const note = CONFIDENTIAL.join();
  const event = (change: Record<string, unknown>) => newMessageEvent({ note, [note]: note, ...change });

  async function receive(forgery: Omit<Forgery, 'what'>): Promise<string[]> {
    const origin = 'https://abc123.execute-api.eu-central-1.amazonaws.com';
    const { method, headers, body } = requestOf(origin, forgery);
    const { handler } = await import('../../functions/receive-webhook.ts');
    const requestContext = { domainName: origin.slice(8), http: { method } };
    const request = {
      ...{ rawPath: '/webhook', rawQueryString: '', body: body.toString(), isBase64Encoded: false },
      ...{ headers: { ...joinHeaders(headers), cookie: note, authorization: note }, requestContext },
    };
    await handler(request as unknown as APIGatewayProxyEventV2, lambdaContext() as Context);
    return headers.filter(([name]) => name.includes('Signature')).map(([, value]) => value);
  }
  const send = (events: unknown) => receive({ signed: { body: Buffer.from(JSON.stringify(events)) } });
  const put = (text: string) => secrets.on(GetSecretValueCommand).resolves({ SecretString: text });

  it('has ids and counts of what it accepts and of what it refuses', async () => {
    put(JSON.stringify({ current: MARKERS.clientSecret, previous: MARKERS.token }));
    sqs.on(SendMessageBatchCommand).resolves({});

    const signatures = [
      await send([event({}), event({ subscriptionType: MARKERS.text }), event({ portalId: MARKERS.name })]),
      await send([event({ subscriptionType: 'contact.creation', eventId: MARKERS.address })]),
      await send([event({ objectId: { [note]: note } }), note, { [note]: 1 }]),
      await receive({ signed: { body: Buffer.from(note) } }),
      await receive({ signed: { secret: MARKERS.error } }),
      await receive({ headers: { 'X-HubSpot-Signature-v3': [note] } }),
      await receive({ signed: { timestamp: String(SIGNED_AT - 600_000) } }),
    ].flat();

    expectHarmless(['webhook accepted', 'webhook malformed', 'webhook refused'], signatures);
  });

  it.each([
    ['the secret is no JSON', () => put(note)],
    ['the secret is another object', () => put(JSON.stringify({ [note]: note, current: [note] }))],
    [
      'the secret cannot be read',
      () => secrets.on(GetSecretValueCommand).rejects(foreignError('AccessDenied')),
    ],
  ])('says in its own words that %s', async (_, break_) => {
    break_();

    expectHarmless(['webhook failed'], await send([event({})]));
  });

  it('says in its own words that the queue takes nothing', async () => {
    put(JSON.stringify({ current: MARKERS.clientSecret }));
    sqs
      .on(SendMessageBatchCommand)
      .rejectsOnce(foreignError('Busy'))
      .resolvesOnce({ Failed: [{ Id: '0', Code: 'Busy', Message: note, SenderFault: false }] });

    const signatures = [...(await send([event({})])), ...(await send([event({})]))];

    expectHarmless(['webhook failed'], signatures);
  });
});

describe('the log of archive-thread', () => {
  const note = CONFIDENTIAL.join();

  /** What HubSpot answers for each thread. */
  const ANSWERS: Record<string, () => Response> = {
    '7': () => Response.json({ id: '7', archived: false, text: note, [note]: note }),
    '400': () =>
      Response.json({ status: 'error', message: note, context: { [note]: [note] } }, { status: 400 }),
    '403': () => new Response(`<html>${note}</html>`, { status: 403, statusText: MARKERS.text }),
    '404': () => new Response(note, { status: 404 }),
    '200': () => new Response(`{"${note}":`, { status: 200 }),
    '201': () => Response.json({ id: { [note]: note } }),
  };
  const message = {
    ...{ id: 'm1', createdAt: '2026-01-31T10:00:00Z', text: MARKERS.text, richText: note, subject: note },
    senders: [
      { name: MARKERS.name, deliveryIdentifier: { type: 'HS_EMAIL_ADDRESS', value: MARKERS.address } },
    ],
  };

  beforeEach(() => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify({ '62515': MARKERS.token }) });
    s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: note }));
    s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });
    sqs.on(ChangeMessageVisibilityCommand).rejects(foreignError('ReceiptHandleIsInvalid'));
    sqs.on(SendMessageCommand).rejects(foreignError('Busy'));
    vi.stubGlobal('fetch', (url: URL) => {
      const [, threadId = '', list] = /\/threads\/(\d+)(\/messages)?/.exec(url.pathname) ?? [];
      return Promise.resolve(
        list === undefined ? ANSWERS[threadId]!() : Response.json({ results: [message] }),
      );
    });
  });

  async function archive(...bodies: string[]): Promise<void> {
    const { handler } = await import('../../functions/archive-thread.ts');
    const Records = bodies.map((body, i) => ({
      ...{ messageId: `r${i}`, receiptHandle: note, body, attributes: { ApproximateReceiveCount: '3' } },
    }));
    await handler({ Records } as SQSEvent, lambdaContext() as Context);
  }
  const record = (threadId: string, messageIds: string[] = []) =>
    JSON.stringify(queuedThread({ threadId, messageIds, receivedAt: Date.now() }));

  it('has ids and counts of what it archives and of what it cannot', async () => {
    const threads = ['400', '403', '404', '200', '201'].map((threadId) => record(threadId));

    await archive(record('7', ['m1']), ...threads, note, `{"${note}":1}`);

    expectHarmless(['thread archived', 'record returned', 'record not sent on', 'record set aside']);
  });

  it.each([
    [
      'the access tokens are no JSON',
      () => secrets.on(GetSecretValueCommand).resolves({ SecretString: note }),
    ],
    [
      'the access tokens cannot be read',
      () => secrets.on(GetSecretValueCommand).rejects(foreignError('Denied')),
    ],
    ['the store takes nothing', () => s3.on(PutObjectCommand).rejects(foreignError('SlowDown'))],
    ['the store gives nothing', () => s3.on(GetObjectCommand).rejects(foreignError('AccessDenied'))],
  ])('says in its own words that %s', async (_, break_) => {
    break_();

    await archive(record('7'));

    expectHarmless(['record returned', 'record not sent on']);
  });
});
