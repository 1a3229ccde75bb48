import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, vi } from 'vitest';
import { type Door, describeWebhookDoor } from '../contract/webhook-door.ts';
import { MARKERS } from '../simulation/markers.ts';
import { RECEIVE_WEBHOOK_ENV } from '../support/env.ts';
import { DOOR_SECRET, joinHeaders, requestOf, type SentRequest } from '../support/forgeries.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { logOutput, logLines } from '../support/log-output.ts';
import { SIGNED_AT } from '../support/webhook.ts';

const HOST = 'abc123.execute-api.eu-central-1.amazonaws.com';
const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);

/** What the HTTP API makes of a request: names in lower case, equal ones joined, and text or base64 for the body. */
function apiEvent({ method, target, headers, body }: SentRequest): APIGatewayProxyEventV2 {
  const [rawPath = '', ...query] = target.split('?');
  const isBase64Encoded = !Buffer.from(body.toString()).equals(body);
  const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'x' };
  return {
    version: '2.0',
    routeKey: 'POST /webhook',
    rawPath,
    rawQueryString: query.join('?'),
    headers: joinHeaders(headers),
    requestContext: { domainName: HOST, http } as APIGatewayProxyEventV2['requestContext'],
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** The Lambda in a fresh sandbox, with an SQS and a Secrets Manager that can fail. */
async function openLambda() {
  vi.useFakeTimers({ now: SIGNED_AT, toFake: ['Date'] });
  vi.resetModules();
  const env = { ...RECEIVE_WEBHOOK_ENV, AWS_REGION: 'eu-central-1', POWERTOOLS_METRICS_NAMESPACE: 'Test' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const output = logOutput();
  const queued: string[] = [];
  let broken: string | undefined;
  const fail = () => Promise.reject(Object.assign(new Error(MARKERS.error), { name: 'InternalError' }));
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: { MessageBody: string }[] }) => {
    if (broken === 'queue') return fail();
    queued.push(...Entries.map(({ MessageBody }) => MessageBody));
    return Promise.resolve({});
  });
  secrets.reset();
  secrets
    .on(GetSecretValueCommand)
    .callsFake(() =>
      broken === 'secret'
        ? fail()
        : Promise.resolve({ SecretString: JSON.stringify({ current: DOOR_SECRET }) }),
    );
  const { handler } = await import('../../functions/receive-webhook.ts');
  const invoke = async (event: APIGatewayProxyEventV2) => {
    const { statusCode = 0, headers = {}, body = '' } = await handler(event, lambdaContext() as Context);
    return { status: statusCode, headers: Object.keys(headers), body };
  };
  const door: Door = {
    origin: `https://${HOST}`,
    knock: (request) => invoke(apiEvent(request)),
    takeQueued: () => queued.splice(0),
    takeLines: () => logLines(output.take()),
    setBroken: (part) => (broken = part),
    wait: (ms) => vi.setSystemTime(Date.now() + ms),
    close: () => {
      output.restore();
      vi.useRealTimers();
      return Promise.resolve();
    },
  };
  return { ...door, invoke };
}

describeWebhookDoor('receive-webhook', openLambda);

describe('receive-webhook', () => {
  it.each<[string, (event: APIGatewayProxyEventV2) => Partial<APIGatewayProxyEventV2>]>([
    ['text that is said to be base64', () => ({ isBase64Encoded: true })],
    ['base64 that is said to be text', ({ body = '' }) => ({ body: Buffer.from(body).toString('base64') })],
    ['base64 that is broken', () => ({ body: '=%$#', isBase64Encoded: true })],
    ['base64 of another body', () => ({ body: 'W10=', isBase64Encoded: true })],
    ['no body where one was signed', () => ({ body: '' })],
  ])('refuses %s', async (_, change) => {
    await using cleanUp = new AsyncDisposableStack();
    const lambda = await openLambda();
    cleanUp.defer(() => lambda.close());
    const event = apiEvent(requestOf(lambda.origin, {}));

    const { status } = await lambda.invoke({ ...event, ...change(event) });

    expect(status).toBe(401);
    expect([...lambda.takeQueued(), ...lambda.takeLines()]).toEqual([]);
  });
});
