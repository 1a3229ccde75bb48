import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { createS3Store } from './archive/s3-store.ts';
import { BACKGROUND_CALLS } from './aws-calls.ts';
import { createRefreshDirectory } from './directory/refresh.ts';
import { loadEnv, sweepThreadsEnvSchema } from './env.ts';
import { createHubSpotGet } from './hubspot/http.ts';
import { createPacer } from './hubspot/pacer.ts';
import { createListPlaces } from './hubspot/places.ts';
import { createListThreads } from './hubspot/thread-lists.ts';
import { createAccessToken, readSecret } from './secrets.ts';
import { createSweep, type SweepReport, sweepSettings } from './sweep/sweep.ts';
import { takeTurns } from './sweep/take-turns.ts';
import { type PassReport } from './sweep/walk.ts';
import { METRICS } from './telemetry.ts';
import { createSqsBacklog, createSqsSender } from './thread-queue/sqs.ts';

const env = loadEnv(sweepThreadsEnvSchema);
const logger = new Logger();
const metrics = new Metrics();
const clock = { now: Date.now, sleep: (ms: number) => sleep(ms) };

const get = createHubSpotGet({
  apiUrl: env.HUBSPOT_API_URL,
  accessToken: createAccessToken(
    readSecret(new SecretsManagerClient(BACKGROUND_CALLS), env.ACCESS_TOKENS_ARN),
  ),
  pacer: createPacer(env.REQUESTS_PER_SECOND, clock),
  clock,
});
const store = createS3Store(new S3Client(BACKGROUND_CALLS), env.ARCHIVE_BUCKET);
const sqs = new SQSClient(BACKGROUND_CALLS);
const roadTo = (queueUrl: string) => ({
  send: createSqsSender(sqs, queueUrl),
  backlog: createSqsBacklog(sqs, queueUrl),
});
const sweep = createSweep({
  ...clock,
  store,
  listThreads: createListThreads(get, env.HUBSPOT_API_VERSION),
  refreshDirectory: createRefreshDirectory({
    store,
    listPlaces: createListPlaces(get, env.HUBSPOT_API_VERSION),
    now: Date.now,
  }),
  roads: { ordinary: roadTo(env.THREAD_QUEUE_URL), urgent: roadTo(env.URGENT_QUEUE_URL) },
  settings: sweepSettings({
    sweepMinutes: env.SWEEP_MINUTES,
    fullSweepDays: env.FULL_SWEEP_DAYS,
    fullSweepWindowDays: env.FULL_SWEEP_WINDOW_DAYS,
    coalesceSeconds: env.COALESCE_SECONDS,
  }),
});

function report({ portalId, passes, failures, tablesWritten }: SweepReport): void {
  for (const pass of passes) reportPass(pass);
  for (const reason of failures) logger.error('sweep failed', { portalId, reason });
  if (tablesWritten !== undefined) logger.info('directory refreshed', { portalId, tablesWritten });
  const failed = failures.length + passes.filter(hasFailed).length;
  metrics.addMetric(METRICS.sweepsFailed, MetricUnit.Count, failed);
}

function reportPass(pass: PassReport): void {
  metrics.addMetric(METRICS.threadsListed, MetricUnit.Count, pass.listed);
  metrics.addMetric(METRICS.threadsSwept, MetricUnit.Count, pass.queued);
  metrics.addMetric(METRICS.threadsMissed, MetricUnit.Count, pass.missed);
  if (pass.unarchived !== undefined)
    metrics.addMetric(METRICS.trashUnarchived, MetricUnit.Count, pass.unarchived);
  if (hasFailed(pass) || pass.unreadable.length > 0) logger.error('threads swept', pass);
  else logger.info('threads swept', pass);
}

function hasFailed({ status }: PassReport): boolean {
  return status === 'failed' || status === 'refused';
}

/** Threads that lack something in the archive, from HubSpot's lists onto the queue. Called by a schedule; never fails. */
export const handler = middy<unknown, undefined>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(async (_event, context) => {
    const requestId = context.awsRequestId;
    const hasTime = (ms: number) => context.getRemainingTimeInMillis() > ms;
    for (const portalId of takeTurns(env.PORTALS, Date.now()))
      report(await sweep({ portalId, requestId, hasTime }));
    return undefined;
  });
