import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { SweepThreadsEnv } from '../functions/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { Config } from './config.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { OperatorSecret } from './secrets.ts';
import type { ThreadQueue } from './thread-queue.ts';

/** How often it looks whether something is due or to be gone on with. One read of a small object when nothing is. */
const EVERY = Duration.minutes(5);
/** Ends before the next one begins: two at a time would call HubSpot at twice their share. */
const TIMEOUT = Duration.seconds(290);

/** What the sweeper is joined to. */
export type ThreadSweeperProps = {
  config: Config;
  threadQueue: ThreadQueue;
  urgentQueue: ThreadQueue;
  archive: ArchiveBucket;
  accessTokens: OperatorSecret;
  /** Calls of HubSpot per second that it may make. */
  requestsPerSecond: number;
};

/** sweep-threads, called by a schedule. */
export class ThreadSweeper extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { config, threadQueue, urgentQueue, archive, accessTokens, requestsPerSecond }: ThreadSweeperProps,
  ) {
    super(scope, id);
    const sweeper = new LambdaFunction(this, 'Sweeper', {
      entry: 'sweep-threads',
      description: 'Queues the threads that HubSpot lists and that lack something in the archive',
      memorySize: 512,
      timeout: TIMEOUT,
      // The schedule comes again by itself.
      retryAttempts: 0,
      environment: {
        PORTALS: config.portals.join(','),
        THREAD_QUEUE_URL: threadQueue.queue.queueUrl,
        URGENT_QUEUE_URL: urgentQueue.queue.queueUrl,
        ARCHIVE_BUCKET: archive.bucket.bucketName,
        ACCESS_TOKENS_ARN: accessTokens.secretArn,
        HUBSPOT_API_URL: config.hubspotApiUrl,
        HUBSPOT_API_VERSION: config.hubspotApiVersion,
        COALESCE_SECONDS: String(config.coalesceSeconds),
        REQUESTS_PER_SECOND: String(requestsPerSecond),
        SWEEP_MINUTES: String(config.sweepMinutes),
        FULL_SWEEP_DAYS: String(config.fullSweepDays),
        FULL_SWEEP_WINDOW_DAYS: String(config.fullSweepWindowDays),
      } satisfies SweepThreadsEnv,
    });
    for (const queue of [threadQueue, urgentQueue]) queue.grantFeed(sweeper.role);
    archive.grantSweep(sweeper.role);
    accessTokens.grantRead(sweeper.role);
    new Rule(this, 'Sweeps', {
      description: 'Has Threadvault look for what no webhook has brought',
      schedule: Schedule.rate(EVERY),
      targets: [new LambdaTarget(sweeper.function)],
    });
  }
}
