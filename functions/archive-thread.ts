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
import { archiveBatch, type RecordVerdict } from './archive/archive-batch.ts';
import { type CaptureOutcome, createCaptureThread, settlingMs } from './archive/capture.ts';
import { createS3Store } from './archive/s3-store.ts';
import { archiveThreadEnvSchema, loadEnv } from './env.ts';
import { ConfigError, safeReason } from './errors.ts';
import { keepHeapSmall } from './heap.ts';
import { createConversations } from './hubspot/conversations.ts';
import { createHubSpotGet, type HubSpotHttpOptions } from './hubspot/http.ts';
import { createPacer } from './hubspot/pacer.ts';
import { createSources } from './hubspot/sources.ts';
import { accessTokensSchema, createSecret, readSecret } from './secrets.ts';
import { METRICS } from './telemetry.ts';
import { returnAfter, sendAfter } from './thread-queue/sqs.ts';

keepHeapSmall();
const env = loadEnv(archiveThreadEnvSchema);
const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient();
const clock = { now: Date.now, sleep: (ms: number) => sleep(ms) };

const accessTokens = createSecret(readSecret(new SecretsManagerClient(), env.ACCESS_TOKENS_ARN), {
  name: 'access tokens',
  schema: accessTokensSchema,
});
const http: HubSpotHttpOptions = {
  apiUrl: env.HUBSPOT_API_URL,
  accessToken: async (portalId, options) => {
    const token = (await accessTokens(options))[portalId];
    if (token === undefined)
      throw new ConfigError(`the secret access tokens has none for account ${portalId}`);
    return token;
  },
  pacer: createPacer(env.REQUESTS_PER_SECOND, clock),
  clock,
};
const files = {
  attachmentHosts: env.ATTACHMENT_HOSTS ?? [],
  maxBytes: env.ATTACHMENT_MAX_MEGABYTES * 1_000_000,
  folder: path.join(tmpdir(), 'threadvault-files'),
};
const captureThread = createCaptureThread({
  conversations: createConversations(createHubSpotGet(http), env.HUBSPOT_API_VERSION),
  apiVersion: env.HUBSPOT_API_VERSION,
  store: createS3Store(new S3Client(), env.ARCHIVE_BUCKET),
  sources: createSources(http, {
    apiVersion: env.HUBSPOT_API_VERSION,
    files: env.ATTACHMENTS === 'true' ? files : undefined,
  }),
  settlingMs: settlingMs(env.COALESCE_SECONDS * 1000),
});

const THREAD_METRICS = {
  archived: METRICS.threadsArchived,
  covered: METRICS.threadsCovered,
  gone: METRICS.threadsGone,
  unfinished: METRICS.threadsUnfinished,
} as const;

function countThread({ status, pages, partsWritten, enriched }: CaptureOutcome): void {
  metrics.addMetric(THREAD_METRICS[status], MetricUnit.Count, 1);
  metrics.addMetric(METRICS.pagesRead, MetricUnit.Count, pages);
  metrics.addMetric(METRICS.partsWritten, MetricUnit.Count, partsWritten);
  if (enriched === undefined) return;
  metrics.addMetric(METRICS.originalsFetched, MetricUnit.Count, enriched.originals);
  metrics.addMetric(METRICS.attachmentsStored, MetricUnit.Count, enriched.files);
  metrics.addMetric(METRICS.attachmentBytes, MetricUnit.Bytes, enriched.bytes);
  metrics.addMetric(METRICS.gapsNoted, MetricUnit.Count, enriched.gaps);
  metrics.addMetric(METRICS.scopesMissing, MetricUnit.Count, enriched.missingScopes);
}

function reportRecord(verdict: RecordVerdict): void {
  const { record, thread } = verdict;
  const ids = { recordId: record.recordId, receiveCount: record.receiveCount, ...thread };
  if (verdict.result === 'again') {
    metrics.addMetric(METRICS.recordsReturned, MetricUnit.Count, 1);
    logger.warn('record returned', { ...ids, reason: verdict.reason, afterSeconds: verdict.afterSeconds });
    return;
  }
  const { outcome, queued, unseen } = verdict;
  const lagMs = Date.now() - queued.occurredAt;
  metrics.addMetric(METRICS.messagesUnseen, MetricUnit.Count, unseen);
  metrics.addMetric(METRICS.archiveLagMs, MetricUnit.Milliseconds, lagMs);
  const { status, messages, pages, partsWritten, enriched } = outcome;
  logger.info('thread archived', {
    ...ids,
    status,
    messages,
    pages,
    partsWritten,
    ...enriched,
    unseen,
    lagMs,
  });
}

/** Threads from the queue, fetched from HubSpot, into the archive. Answers with the records that must come again. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler(async (event, context) => {
    const receipts = new Map(event.Records.map((record) => [record.messageId, record.receiptHandle]));
    const records = event.Records.map(({ messageId, body, attributes }) => ({
      recordId: messageId,
      body,
      receiveCount: Number(attributes.ApproximateReceiveCount),
    }));
    const verdicts = await archiveBatch(
      {
        portals: env.PORTALS,
        captureThread,
        now: Date.now,
        remainingMs: () => context.getRemainingTimeInMillis(),
        requestId: context.awsRequestId,
      },
      records,
    );
    // Several records may have asked for one thread, and share what came of it.
    new Set(verdicts.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome]))).forEach(countThread);
    verdicts.forEach(reportRecord);
    const returned = await Promise.all(verdicts.map((verdict) => giveBack(verdict, receipts)));
    return { batchItemFailures: returned.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  });

/** Sees to it that a record comes again. Gives its id when Lambda must not acknowledge it. */
async function giveBack(verdict: RecordVerdict, receipts: ReadonlyMap<string, string>): Promise<string[]> {
  if (verdict.result === 'done') return [];
  const { record, requeue, afterSeconds: seconds } = verdict;
  const receiptHandle = receipts.get(record.recordId);
  try {
    if (requeue !== undefined && seconds !== undefined) {
      await sendAfter(sqs, { queueUrl: env.THREAD_QUEUE_URL, thread: requeue, seconds });
      return [];
    }
    if (receiptHandle !== undefined && seconds !== undefined) {
      await returnAfter(sqs, { queueUrl: env.THREAD_QUEUE_URL, receiptHandle, seconds });
    }
  } catch (error) {
    // The record comes back all the same, when the queue's own visibility time is over.
    logger.warn('delay not set', { recordId: record.recordId, reason: safeReason(error) });
  }
  return [record.recordId];
}
