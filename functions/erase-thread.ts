import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createS3Store } from './archive/s3-store.ts';
import { BACKGROUND_CALLS } from './aws-calls.ts';
import { eraseThreadEnvSchema, loadEnv } from './env.ts';
import { CorruptArchiveError } from './errors.ts';
import { createEraseCapture } from './erase/erase-capture.ts';
import { findDueErasures } from './erase/revisit.ts';
import { createS3Eraser } from './erase/s3-eraser.ts';
import { findHeldThreads } from './holds/check-holds.ts';
import { createS3LegalHolds } from './holds/s3-legal-hold.ts';
import { createThreadConsumer } from './thread-consumer.ts';
import { createSqsQueue } from './thread-queue/sqs.ts';

const env = loadEnv(eraseThreadEnvSchema);
const logger = new Logger();
const metrics = new Metrics();
const s3 = new S3Client(BACKGROUND_CALLS);
const store = createS3Store(s3, env.ARCHIVE_BUCKET);
const queue = createSqsQueue(new SQSClient(BACKGROUND_CALLS), {
  queueUrl: env.THREAD_QUEUE_URL,
  deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
});

const consume = createThreadConsumer({
  portals: env.PORTALS,
  captureThread: createEraseCapture({
    store,
    eraser: createS3Eraser(s3, env.ARCHIVE_BUCKET),
    locks: createS3LegalHolds(s3, env.ARCHIVE_BUCKET),
    policy: env.PRIVACY_DELETION,
    now: Date.now,
  }),
  queue,
  maxReceiveCount: env.MAX_RECEIVE_COUNT,
  logger,
  metrics,
});

/** What the schedule sends once a day. */
type RevisitEvent = { task: 'revisit' };

/**
 * Threads that HubSpot deleted for privacy, out of the archive, or noted, as the policy says. Once a day, those that a lock kept
 * and those that are held.
 */
export const handler = middy<SQSEvent | RevisitEvent, SQSBatchResponse | undefined>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler((event, context) =>
    'Records' in event ? consume(event, context) : revisit(context.awsRequestId),
  );

/** @throws CorruptArchiveError with the keys of records that cannot be read, when all others are queued; what S3 and SQS throw */
async function revisit(requestId: string): Promise<undefined> {
  const unreadable: string[] = [];
  const look = {
    portals: env.PORTALS,
    now: Date.now(),
    requestId,
    onUnreadable: (key: string) => void unreadable.push(key),
  };
  for await (const due of findDueErasures(store, look)) await queue.sendAfter(due, 0);
  for await (const held of findHeldThreads(store, look)) await queue.sendAfter(held, 0);
  // Thrown, and not only logged, so that the invocation counts as one that failed.
  if (unreadable.length > 0) throw new CorruptArchiveError(`cannot be read: ${unreadable.join(', ')}`);
}
