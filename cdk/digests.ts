import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { AnyPrincipal, Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WriteDigestEnv } from '../functions/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import { LambdaFunction } from './lambda-function.ts';

/** SQS's longest: what a digest is to list can wait for two weeks. */
const RETENTION = Duration.days(14);
/** One run takes what waits; what it has not acknowledged by then comes again. */
const TIMEOUT = Duration.minutes(5);
const VISIBILITY = Duration.minutes(10);
/** With a run an hour, more than a week of runs that fail: only what nobody can read is set aside. */
const MAX_RECEIVE_COUNT = 200;

/** What the digests are of. */
export type DigestsProps = { archive: ArchiveBucket };

/**
 * Signed digests of what is written to the archive, once an hour: S3 notifies a queue of every change, and write-digest
 * lists what waits there. The key outlives the stack, as the archive does.
 */
export class Digests extends Construct {
  readonly function: LambdaFunction['function'];
  readonly key: Key;
  readonly changes: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { archive }: DigestsProps) {
    super(scope, id);
    const queue = { retentionPeriod: RETENTION, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', queue);
    this.changes = new Queue(this, 'Changes', {
      ...queue,
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    archive.notify(this.changes);
    this.key = new Key(this, 'Key', {
      description: 'Threadvault: signs the digests of what was written to the archive',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const writer = new LambdaFunction(this, 'Writer', {
      entry: 'write-digest',
      description: 'Lists what was written to the archive, and signs the list',
      // Ten thousand changes and their digest are held at a time.
      memorySize: 512,
      timeout: TIMEOUT,
      environment: {
        ARCHIVE_BUCKET: archive.bucket.bucketName,
        CHANGES_QUEUE_URL: this.changes.queueUrl,
        DIGEST_KEY_ARN: this.key.keyArn,
      } satisfies WriteDigestEnv,
    });
    this.function = writer.function;
    this.grantSign(writer.role);
    this.grantTake(writer.role);
    archive.grantDigest(writer.role);
    new Rule(this, 'Hourly', {
      description: 'Has Threadvault write a digest of what was archived',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaTarget(writer.function)],
    });
  }

  /**
   * Lets the role sign, and nobody else: also not an administrator, unless by changing the key's policy, which CloudTrail
   * shows. Actions: kms:Sign and kms:GetPublicKey on the key.
   */
  private grantSign(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({ actions: ['kms:GetPublicKey', 'kms:Sign'], resources: [this.key.keyArn] }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } },
      }),
    );
  }

  /** Lets the role take what changed off the queue. Actions: sqs:ReceiveMessage, sqs:DeleteMessage. */
  private grantTake(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:ReceiveMessage'],
        resources: [this.changes.queueArn],
      }),
    );
  }
}
