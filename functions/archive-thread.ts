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
import { createHubSpotGet } from './hubspot/http.ts';
import { createPacer } from './hubspot/pacer.ts';
import { accessTokensSchema, createSecret, readSecret } from './secrets.ts';
import { METRICS } from './telemetry.ts';
import { returnAfter, sendAfter, sendDeadLetter } from './thread-queue/sqs.ts';

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
const get = createHubSpotGet({
  apiUrl: env.HUBSPOT_API_URL,
  accessToken: async (portalId, options) => {
    const token = (await accessTokens(options))[portalId];
    if (token === undefined)
      throw new ConfigError(`the secret access tokens has none for account ${portalId}`);
    return token;
  },
  pacer: createPacer(env.REQUESTS_PER_SECOND, clock),
  clock,
});
const captureThread = createCaptureThread({
  conversations: createConversations(get, env.HUBSPOT_API_VERSION),
  apiVersion: env.HUBSPOT_API_VERSION,
  store: createS3Store(new S3Client(), env.ARCHIVE_BUCKET),
  settlingMs: settlingMs(env.COALESCE_SECONDS * 1000),
});

const THREAD_METRICS = {
  archived: METRICS.threadsArchived,
  covered: METRICS.threadsCovered,
  gone: METRICS.threadsGone,
  unfinished: METRICS.threadsUnfinished,
  erased: METRICS.threadsErased,
} as const;

function countThread({ status, pages, partsWritten }: CaptureOutcome): void {
  metrics.addMetric(THREAD_METRICS[status], MetricUnit.Count, 1);
  metrics.addMetric(METRICS.pagesRead, MetricUnit.Count, pages);
  metrics.addMetric(METRICS.partsWritten, MetricUnit.Count, partsWritten);
}

function reportRecord(verdict: RecordVerdict): void {
  const { record, thread } = verdict;
  const ids = { recordId: record.recordId, receiveCount: record.receiveCount, ...thread };
  if (verdict.result === 'again') {
    metrics.addMetric(METRICS.recordsReturned, MetricUnit.Count, 1);
    logger.warn('record returned', { ...ids, reason: verdict.reason, afterSeconds: verdict.afterSeconds });
    return;
  }
  if (verdict.result === 'dead') {
    logger.error('record set aside', { ...ids, ...verdict.fault });
    return;
  }
  const { outcome, queued, unseen } = verdict;
  const lagMs = Date.now() - queued.occurredAt;
  metrics.addMetric(METRICS.messagesUnseen, MetricUnit.Count, unseen);
  metrics.addMetric(METRICS.archiveLagMs, MetricUnit.Milliseconds, lagMs);
  const { status, messages, pages, partsWritten } = outcome;
  logger.info('thread archived', { ...ids, status, messages, pages, partsWritten, unseen, lagMs });
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
      isLastTry: Number(attributes.ApproximateReceiveCount) >= env.MAX_RECEIVE_COUNT,
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
    const returned = await Promise.all(verdicts.map((verdict) => carryOut(verdict, receipts)));
    return { batchItemFailures: returned.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  });

/** Sends a record where its verdict says. Gives its id when Lambda must not acknowledge it. */
async function carryOut(verdict: RecordVerdict, receipts: ReadonlyMap<string, string>): Promise<string[]> {
  if (verdict.result === 'done') return [];
  const { recordId, body } = verdict.record;
  const queueUrl = env.THREAD_QUEUE_URL;
  try {
    if (verdict.result === 'dead') {
      await sendDeadLetter(sqs, { queueUrl: env.DEAD_LETTER_QUEUE_URL, body, fault: verdict.fault });
      return [];
    }
    const { requeue, afterSeconds: seconds } = verdict;
    if (requeue !== undefined) {
      await sendAfter(sqs, { queueUrl, thread: requeue, seconds });
      return [];
    }
    await returnAfter(sqs, { queueUrl, receiptHandle: receipts.get(recordId) ?? '', seconds });
  } catch (error) {
    // The record comes back all the same when the queue's own visibility time is over, or SQS sets it aside.
    logger.warn('record not sent on', { recordId, reason: safeReason(error) });
  }
  return [recordId];
}
