import { Size, type Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ArchiveThreadEnv } from '../functions/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { Config } from './config.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { OperatorSecret } from './secrets.ts';
import { type ThreadQueue, WORKERS } from './thread-queue.ts';

/** As many as one receive call of SQS gives; more would want a batching window, and wait for it. */
const BATCH_SIZE = 10;

/** What the archiver is joined to. */
export type ThreadArchiverProps = {
  config: Config;
  /** At most 15 minutes; the queue's visibility time-out follows from it. */
  timeout: Duration;
  threadQueue: ThreadQueue;
  archive: ArchiveBucket;
  accessTokens: OperatorSecret;
  /** Calls of HubSpot per second that all its workers together may make. */
  requestsPerSecond: number;
};

/** archive-thread, fed by a queue of threads. */
export class ThreadArchiver extends Construct {
  readonly function: LambdaFunction['function'];

  constructor(
    scope: Construct,
    id: string,
    { config, timeout, threadQueue, archive, accessTokens, requestsPerSecond }: ThreadArchiverProps,
  ) {
    super(scope, id);
    const archiver = new LambdaFunction(this, 'Archiver', {
      entry: 'archive-thread',
      description: 'Fetches the threads that the queue names from HubSpot and brings the archive up to date',
      // A thread's whole history is held and compressed in memory. Running out of it would take the batch mates
      // of a huge thread down with it, so there is room to spare; the price is for time spent mostly waiting.
      memorySize: 1024,
      timeout,
      // A thread that has to wait takes its own place on the queue, for two days if need be.
      requeues: true,
      ephemeralStorageSize: diskFor(config),
      environment: {
        PORTALS: config.portals.join(','),
        ...threadQueue.environment,
        ARCHIVE_BUCKET: archive.bucket.bucketName,
        ACCESS_TOKENS_ARN: accessTokens.secretArn,
        HUBSPOT_API_URL: config.hubspotApiUrl,
        HUBSPOT_API_VERSION: config.hubspotApiVersion,
        COALESCE_SECONDS: String(config.coalesceSeconds),
        ATTACHMENTS: config.attachments ? 'true' : 'false',
        ATTACHMENT_MAX_MEGABYTES: String(config.attachmentMaxMegabytes),
        ...(config.attachmentHosts && { ATTACHMENT_HOSTS: config.attachmentHosts.join(',') }),
        REQUESTS_PER_SECOND: String(requestsPerSecond / WORKERS),
      } satisfies ArchiveThreadEnv,
    });
    this.function = archiver.function;
    threadQueue.addConsumer(archiver, 'ThreadQueue', { batchSize: BATCH_SIZE });
    archive.grantArchive(archiver.role, config);
    accessTokens.grantRead(archiver.role);
  }
}

/** Two files are there at a time; 512 MiB are the least, and free. */
function diskFor({ attachments, attachmentMaxMegabytes }: Config): Size {
  return Size.mebibytes(attachments ? Math.max(512, 2 * attachmentMaxMegabytes + 64) : 512);
}
