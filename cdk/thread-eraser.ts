import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { EraseThreadEnv } from '../functions/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { Config } from './config.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { ThreadQueue } from './thread-queue.ts';

/** Erasing is rare, and each thread takes calls of S3 alone. */
const BATCH_SIZE = 1;

/** What the eraser is joined to. */
export type ThreadEraserProps = {
  config: Config;
  /** At most 15 minutes; the queue's visibility time-out follows from it. */
  timeout: Duration;
  erasures: ThreadQueue;
  archive: ArchiveBucket;
};

/** erase-thread, fed by the queue of erasures, and called once a day for what a lock has kept. */
export class ThreadEraser extends Construct {
  readonly function: LambdaFunction['function'];
  readonly role: LambdaFunction['role'];

  constructor(scope: Construct, id: string, { config, timeout, erasures, archive }: ThreadEraserProps) {
    super(scope, id);
    const eraser = new LambdaFunction(this, 'Eraser', {
      entry: 'erase-thread',
      description: 'Erases the threads that HubSpot deleted for privacy, or notes the request',
      memorySize: 512,
      timeout,
      // A thread that has to wait takes its own place on the queue, for two days if need be.
      requeues: true,
      environment: {
        PORTALS: config.portals.join(','),
        ...erasures.environment,
        ARCHIVE_BUCKET: archive.bucket.bucketName,
        PRIVACY_DELETION: config.privacyDeletion,
      } satisfies EraseThreadEnv,
    });
    this.function = eraser.function;
    this.role = eraser.role;
    erasures.addConsumer(eraser, 'Erasures', { batchSize: BATCH_SIZE });
    archive.grantErase(eraser.role);
    new Rule(this, 'Revisits', {
      description: 'Has Threadvault erase what a lock has kept',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new LambdaTarget(eraser.function, { event: RuleTargetInput.fromObject({ task: 'revisit' }) }),
      ],
    });
  }
}
