import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createS3Store } from './archive/s3-store.ts';
import { createDescribeVersion } from './archive/s3-versions.ts';
import { BACKGROUND_CALLS } from './aws-calls.ts';
import { createKmsSigner } from './digest/kms-signer.ts';
import { createS3Changes } from './digest/s3-changes.ts';
import { createWriteDigests, type DigestRun } from './digest/write-digests.ts';
import { loadEnv, writeDigestEnvSchema } from './env.ts';
import { METRICS } from './telemetry.ts';

/** A digest of ten thousand changes takes about a minute, most of it for asking S3 about each. */
const TIME_FOR_A_DIGEST_MS = 120_000;

const env = loadEnv(writeDigestEnvSchema);
const logger = new Logger();
const metrics = new Metrics();
const s3 = new S3Client(BACKGROUND_CALLS);
const source = createS3Changes({
  client: new SQSClient(BACKGROUND_CALLS),
  queueUrl: env.CHANGES_QUEUE_URL,
  describeVersion: createDescribeVersion(s3, env.ARCHIVE_BUCKET, { readBytes: false }),
  onUnreadable: (messages) => {
    logger.warn('changes not readable', { messages });
  },
});
let writeDigests: ReturnType<typeof createWriteDigests> | undefined;

/** Lists and signs what was written since the newest digest. Called by a schedule, or by hand; the event says nothing. */
export const handler = middy<unknown, DigestRun>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .handler((_event, context) => digest(context));

async function digest(context: Context): Promise<DigestRun> {
  writeDigests ??= createWriteDigests({
    store: createS3Store(s3, env.ARCHIVE_BUCKET),
    source,
    signer: await createKmsSigner(new KMSClient(BACKGROUND_CALLS), env.DIGEST_KEY_ARN),
    now: Date.now,
  });
  const run = await writeDigests({
    requestId: context.awsRequestId,
    hasTime: () => context.getRemainingTimeInMillis() > TIME_FOR_A_DIGEST_MS,
  });
  metrics.addMetric(METRICS.digestsWritten, MetricUnit.Count, run.digests);
  metrics.addMetric(METRICS.changesListed, MetricUnit.Count, run.changes);
  logger.info('digests written', { digests: run.digests, changes: run.changes, ...run.head });
  return run;
}
