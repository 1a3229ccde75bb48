import { type Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { archiveBatch, type ArchiveBatchDeps, type RecordVerdict } from './archive/archive-batch.ts';
import { type CaptureOutcome } from './archive/capture.ts';
import { safeReason } from './errors.ts';
import { METRICS } from './telemetry.ts';
import { type SqsQueue } from './thread-queue/sqs.ts';

/** What a Lambda that consumes a queue of threads works with. */
export type ThreadConsumerOptions = Pick<ArchiveBatchDeps, 'portals' | 'captureThread' | 'callMs'> & {
  queue: SqsQueue;
  /** How often the queue delivers a record before it sets it aside. */
  maxReceiveCount: number;
  logger: Logger;
  metrics: Metrics;
};

const THREAD_METRICS = {
  archived: METRICS.threadsArchived,
  covered: METRICS.threadsCovered,
  gone: METRICS.threadsGone,
  unfinished: METRICS.threadsUnfinished,
  erased: METRICS.threadsErased,
  held: METRICS.threadsHeld,
} as const;

/**
 * A batch of SQS records to what is to be done with each thread, and each record to where its verdict sends it. The answer
 * names the records that Lambda must not acknowledge. Never throws.
 */
export function createThreadConsumer(
  options: ThreadConsumerOptions,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { portals, captureThread, callMs = 0, maxReceiveCount, metrics } = options;
  return async (event, context) => {
    const receipts = new Map(event.Records.map((record) => [record.messageId, record.receiptHandle]));
    const records = event.Records.map(({ messageId, body, attributes }) => ({
      recordId: messageId,
      body,
      receiveCount: Number(attributes.ApproximateReceiveCount),
      isLastTry: Number(attributes.ApproximateReceiveCount) >= maxReceiveCount,
    }));
    const remainingMs = () => context.getRemainingTimeInMillis();
    const requestId = context.awsRequestId;
    const verdicts = await archiveBatch(
      { portals, captureThread, callMs, now: Date.now, remainingMs, requestId },
      records,
    );
    // Several records may have asked for one thread, and share what came of it.
    const outcomes = new Set(verdicts.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome])));
    for (const outcome of outcomes) countThread(metrics, outcome);
    for (const verdict of verdicts) reportRecord(options, verdict);
    const returned = await Promise.all(verdicts.map((verdict) => carryOut(options, verdict, receipts)));
    return { batchItemFailures: returned.flat().map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function countThread(metrics: Metrics, outcome: CaptureOutcome): void {
  const { status, pages, partsWritten, enriched, erasure } = outcome;
  metrics.addMetric(THREAD_METRICS[status], MetricUnit.Count, 1);
  metrics.addMetric(METRICS.pagesRead, MetricUnit.Count, pages);
  metrics.addMetric(METRICS.partsWritten, MetricUnit.Count, partsWritten);
  if (enriched !== undefined) {
    metrics.addMetric(METRICS.originalsFetched, MetricUnit.Count, enriched.originals);
    metrics.addMetric(METRICS.attachmentsStored, MetricUnit.Count, enriched.files);
    metrics.addMetric(METRICS.attachmentBytes, MetricUnit.Bytes, enriched.bytes);
    metrics.addMetric(METRICS.gapsNoted, MetricUnit.Count, enriched.gaps);
    metrics.addMetric(METRICS.scopesMissing, MetricUnit.Count, enriched.missingScopes);
  }
  if (erasure !== undefined) {
    metrics.addMetric(METRICS.versionsErased, MetricUnit.Count, erasure.versions);
    metrics.addMetric(METRICS.versionsLocked, MetricUnit.Count, erasure.locked);
  }
}

function reportRecord({ logger, metrics }: ThreadConsumerOptions, verdict: RecordVerdict): void {
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
  const { status, messages, pages, partsWritten, enriched, erasure } = outcome;
  const done = { status, messages, pages, partsWritten, ...enriched, ...erasure };
  logger.info('thread archived', { ...ids, ...done, unseen, lagMs });
}

/** Sends a record where its verdict says. Gives its id when Lambda must not acknowledge it. */
async function carryOut(
  { queue, logger }: ThreadConsumerOptions,
  verdict: RecordVerdict,
  receipts: ReadonlyMap<string, string>,
): Promise<string[]> {
  if (verdict.result === 'done') return [];
  const { recordId, body } = verdict.record;
  try {
    if (verdict.result === 'dead') {
      await queue.sendDeadLetter(body, verdict.fault);
      return [];
    }
    const { requeue, afterSeconds } = verdict;
    if (requeue !== undefined) {
      await queue.sendAfter(requeue, afterSeconds);
      return [];
    }
    await queue.returnAfter(receipts.get(recordId) ?? '', afterSeconds);
  } catch (error) {
    // The record comes back all the same when the queue's own visibility time is over, or SQS sets it aside.
    logger.warn('record not sent on', { recordId, reason: safeReason(error) });
  }
  return [recordId];
}
