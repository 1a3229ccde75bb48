import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { settlingMs } from './archive/covered.ts';
import { createS3Store } from './archive/s3-store.ts';
import { BACKGROUND_CALLS } from './aws-calls.ts';
import { createActors, type ResolveOutcome } from './directory/resolve-actors.ts';
import { archiveThreadEnvSchema, loadEnv } from './env.ts';
import { keepHeapSmall } from './heap.ts';
import { createHeldCapture } from './holds/held-capture.ts';
import { createS3LegalHolds } from './holds/s3-legal-hold.ts';
import { createReadActors } from './hubspot/actors.ts';
import { createConversations } from './hubspot/conversations.ts';
import { createHubSpotHttp, type HubSpotHttpOptions } from './hubspot/http.ts';
import { createPacer } from './hubspot/pacer.ts';
import { createSources } from './hubspot/sources.ts';
import { createAccessToken, readSecret } from './secrets.ts';
import { METRICS } from './telemetry.ts';
import { createThreadConsumer } from './thread-consumer.ts';
import { createSqsQueue } from './thread-queue/sqs.ts';

keepHeapSmall();
const env = loadEnv(archiveThreadEnvSchema);
const logger = new Logger();
const metrics = new Metrics();
const clock = { now: Date.now, sleep: (ms: number) => sleep(ms) };

const http: HubSpotHttpOptions = {
  apiUrl: env.HUBSPOT_API_URL,
  accessToken: createAccessToken(
    readSecret(new SecretsManagerClient(BACKGROUND_CALLS), env.ACCESS_TOKENS_ARN),
  ),
  pacer: createPacer(env.REQUESTS_PER_SECOND, clock),
  clock,
};
const hubSpot = createHubSpotHttp(http);
const s3 = new S3Client(BACKGROUND_CALLS);
const store = createS3Store(s3, env.ARCHIVE_BUCKET);
const actors = createActors({
  store,
  readActors: createReadActors(hubSpot.post, env.HUBSPOT_API_VERSION),
  now: Date.now,
});
const files = {
  attachmentHosts: env.ATTACHMENT_HOSTS ?? [],
  maxBytes: env.ATTACHMENT_MAX_MEGABYTES * 1_000_000,
  folder: path.join(tmpdir(), 'threadvault-files'),
};
const captureThread = createHeldCapture({
  conversations: createConversations(hubSpot.get, env.HUBSPOT_API_VERSION),
  apiVersion: env.HUBSPOT_API_VERSION,
  store,
  sources: createSources(http, {
    apiVersion: env.HUBSPOT_API_VERSION,
    files: env.ATTACHMENTS === 'true' ? files : undefined,
  }),
  settlingMs: settlingMs(env.COALESCE_SECONDS * 1000),
  noteActors: actors.note,
  locks: createS3LegalHolds(s3, env.ARCHIVE_BUCKET),
});

const consume = createThreadConsumer({
  portals: env.PORTALS,
  captureThread,
  callMs: 1000 / env.REQUESTS_PER_SECOND,
  queue: createSqsQueue(new SQSClient(BACKGROUND_CALLS), {
    queueUrl: env.THREAD_QUEUE_URL,
    deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
  }),
  maxReceiveCount: env.MAX_RECEIVE_COUNT,
  logger,
  metrics,
});

function reportActors({ asked, written, failed, reason }: ResolveOutcome): void {
  if (failed > 0) {
    metrics.addMetric(METRICS.actorsFailed, MetricUnit.Count, failed);
    logger.warn('actors not archived', { failed, reason });
  }
  if (written > 0) logger.info('actors archived', { asked, written });
}

/** Threads from the queue, fetched from HubSpot, into the archive. Answers with the records that must come again. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(async (event, context) => {
    const answer = await consume(event, context);
    reportActors(
      await actors.resolve({
        requestId: context.awsRequestId,
        remainingMs: () => context.getRemainingTimeInMillis(),
      }),
    );
    return answer;
  });
