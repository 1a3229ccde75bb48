import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RECEIVE_WEBHOOK_ENV } from '../support/env.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { consoleLines, stubLambda } from '../support/lambda.ts';
import { CLIENT_SECRET, newMessageEvent, SIGNED_AT, webhookRequest } from '../support/webhook.ts';

const sqs = mockClient(SQSClient);
const secrets = mockClient(SecretsManagerClient);
let output: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: SIGNED_AT, toFake: ['Date'] });
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify({ current: CLIENT_SECRET }) });
  output = consoleLines();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The handler in a fresh sandbox with this environment. */
async function coldStart(env: Record<string, string> = {}) {
  vi.unstubAllEnvs();
  stubLambda({ ...RECEIVE_WEBHOOK_ENV, ...env });
  const { handler } = await import('../../functions/receive-webhook.ts');
  return (event: APIGatewayProxyEventV2) => handler(event, lambdaContext() as Context);
}

/** A request through the HTTP API, with path and query as HubSpot called it. */
function apiEvent(change: Partial<APIGatewayProxyEventV2> = {}): APIGatewayProxyEventV2 {
  const { method, headers, body } = webhookRequest([newMessageEvent()]);
  return {
    version: '2.0',
    routeKey: 'POST /webhook',
    rawPath: '/webhook',
    rawQueryString: '',
    headers: headers,
    requestContext: {
      domainName: 'abc123.execute-api.eu-central-1.amazonaws.com',
      http: {
        method,
        path: '/webhook',
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'HubSpot Connect 2.0',
      },
    } as APIGatewayProxyEventV2['requestContext'],
    body: body.toString(),
    isBase64Encoded: false,
    ...change,
  };
}

const queuedThreads = () =>
  sqs.commandCalls(SendMessageBatchCommand).flatMap((call) => call.args[0].input.Entries ?? []);

describe('receive-webhook', () => {
  it('takes a signed webhook to the queue', async () => {
    const handler = await coldStart();

    const answer = await handler(apiEvent());

    expect(answer).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"status":"ok"}',
    });
    expect(queuedThreads()).toHaveLength(1);
    expect(JSON.parse(queuedThreads()[0]!.MessageBody!)).toMatchObject({
      portalId: '62515',
      threadId: '6065362089',
      messageIds: ['9b38dc6d5b5744a788931a9cf3a7b225'],
      requestId: 'request-of-the-test',
    });
  });

  it('takes a body that the API hands over in base64', async () => {
    const handler = await coldStart();
    const { body } = apiEvent();

    const answer = await handler(
      apiEvent({ body: Buffer.from(body!).toString('base64'), isBase64Encoded: true }),
    );

    expect(answer.statusCode).toBe(200);
  });

  it('checks the signature against the configured URL where there is one', async () => {
    const handler = await coldStart({ WEBHOOK_URL: webhookRequest([]).url });
    const behindProxy = { ...apiEvent().requestContext, domainName: 'internal.example.com' };

    expect((await handler(apiEvent({ requestContext: behindProxy }))).statusCode).toBe(200);
    expect((await (await coldStart())(apiEvent({ rawQueryString: 'a=b' }))).statusCode).toBe(401);
  });

  it('refuses a request without a body or with another one, and queues nothing', async () => {
    const handler = await coldStart();
    const { body: _, ...withoutBody } = apiEvent();

    expect((await handler(withoutBody)).statusCode).toBe(401);
    expect((await handler(apiEvent({ body: '[]' }))).statusCode).toBe(401);
    expect(queuedThreads()).toEqual([]);
  });

  it('answers 503 when SQS does not take it, and says so in the log', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'Busy', SenderFault: false }] });
    const handler = await coldStart();

    expect((await handler(apiEvent())).statusCode).toBe(503);

    expect(output.join('\n')).toContain('QueueError: SQS refused 1 of 1 entries: Busy');
  });

  it('counts what it did, and logs ids alone', async () => {
    const handler = await coldStart({
      POWERTOOLS_METRICS_NAMESPACE: 'Threadvault',
      POWERTOOLS_SERVICE_NAME: 'test',
    });

    await handler(apiEvent());
    await handler(apiEvent({ body: '[]' }));

    const all = output.join('\n');
    for (const metric of ['EventsReceived', 'ThreadsQueued', 'RequestsRefused'])
      expect(all).toContain(metric);
    const signature = apiEvent().headers['x-hubspot-signature-v3']!;
    for (const secret of [CLIENT_SECRET, signature, 'NEW_MESSAGE']) expect(all).not.toContain(secret);
  });

  it('warns of a signed body that is not what HubSpot promises', async () => {
    const handler = await coldStart();
    const { headers, body } = webhookRequest(Buffer.from('{}'));

    const event = apiEvent({ headers: headers, body: body.toString() });
    expect((await handler(event)).statusCode).toBe(400);

    expect(output.join('\n')).toContain('not a batch of events at: body (invalid_type)');
  });

  it('does not start without its environment, and says what is missing', async () => {
    await expect(coldStart({ CLIENT_SECRET_ARN: '' })).rejects.toThrow('CLIENT_SECRET_ARN');
  });
});
