import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { WEBHOOK_CALLS } from './aws-calls.ts';
import { loadEnv, receiveWebhookEnvSchema } from './env.ts';
import { clientSecretSchema, createSecret, readSecret } from './secrets.ts';
import { METRICS } from './telemetry.ts';
import { createRoutedSender } from './thread-queue/sqs.ts';
import { createReceiveWebhook, type WebhookOutcome, type WebhookRequest } from './webhook/receive.ts';

const env = loadEnv(receiveWebhookEnvSchema);
const logger = new Logger();
const metrics = new Metrics();

const receiveWebhook = createReceiveWebhook({
  portals: env.PORTALS,
  clientSecret: createSecret(readSecret(new SecretsManagerClient(WEBHOOK_CALLS), env.CLIENT_SECRET_ARN), {
    name: 'client secret',
    schema: clientSecretSchema,
  }),
  sendThreads: createRoutedSender(new SQSClient(WEBHOOK_CALLS), {
    ordinary: env.THREAD_QUEUE_URL,
    urgent: env.URGENT_QUEUE_URL,
    erasure: env.ERASURE_QUEUE_URL,
  }),
  now: Date.now,
});

function toRequest(event: APIGatewayProxyEventV2, requestId: string): WebhookRequest {
  const { domainName, http } = event.requestContext;
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  return {
    method: http.method,
    url: env.WEBHOOK_URL ?? `https://${domainName}${event.rawPath}${query}`,
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId,
  };
}

function report(outcome: WebhookOutcome): void {
  switch (outcome.result) {
    case 'accepted':
      metrics.addMetric(METRICS.eventsReceived, MetricUnit.Count, outcome.events);
      metrics.addMetric(METRICS.threadsQueued, MetricUnit.Count, outcome.threads);
      metrics.addMetric(METRICS.eventsIgnored, MetricUnit.Count, outcome.ignored.length);
      logger.info('webhook accepted', { ...outcome });
      return;
    case 'refused':
      // Anyone can be refused, so it costs a metric and no log line.
      metrics.addMetric(METRICS.requestsRefused, MetricUnit.Count, 1);
      logger.debug('webhook refused', { ...outcome });
      return;
    case 'malformed':
      metrics.addMetric(METRICS.requestsMalformed, MetricUnit.Count, 1);
      logger.warn('webhook malformed', { ...outcome });
      return;
    case 'failed':
      metrics.addMetric(METRICS.requestsFailed, MetricUnit.Count, 1);
      logger.error('webhook failed', { ...outcome });
  }
}

/** HubSpot's webhook request, through the HTTP API, to the thread queue. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(async (event, context) => {
    const { status, body, outcome } = await receiveWebhook(toRequest(event, context.awsRequestId));
    report(outcome);
    return { statusCode: status, headers: { 'content-type': 'application/json' }, body };
  });
