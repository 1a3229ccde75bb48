import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ACTORS_PREFIX,
  ATTACHMENTS_PREFIX,
  DIGESTS_PREFIX,
  DIRECTORY_PREFIX,
  ERASURES_PREFIX,
  HOLDS_PREFIX,
  MESSAGES_PREFIX,
  PLACE_PREFIXES,
  SWEEPS_PREFIX,
  THREADS_PREFIX,
} from '../functions/archive/layout.ts';
import { guardArchive } from './archive-guard.ts';
import { defaultRetention, lifecycleRules } from './archive-retention.ts';
import { bucketResource } from './bucket-resource.ts';
import type { Config } from './config.ts';

/**
 * All that can happen to a version
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html, read November 2026).
 */
const NOTICES = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*'];

/** The archive: a private, versioned bucket that outlives its stack. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;

  private readonly config: Config;

  constructor(scope: Construct, id: string, { config }: { config: Config }) {
    super(scope, id);
    this.config = config;
    const retention = defaultRetention(config);
    this.bucket = new Bucket(this, 'Bucket', {
      // What an edit or a removal replaced stays as an older version: part of the record.
      versioned: true,
      // In every mode: legal holds need it, and CloudFormation replaces a bucket when it is turned on later.
      objectLockEnabled: true,
      ...(retention && { objectLockDefaultRetention: retention }),
      removalPolicy: RemovalPolicy.RETAIN,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      // An object encrypted with a customer's own key could be read by nobody else: not in an archive.
      blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: lifecycleRules(config),
    });
    if (config.coldStorageDays !== undefined) {
      Validations.of(this.bucket).acknowledge({
        id: 'CloudFormation-Validate::W9003',
        reason:
          'CDK writes the size of a lifecycle rule as a number where CloudFormation takes its text; it is the same.',
      });
    }
    if (config.accessTrail === 's3') return;
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Who read and wrote which object is recorded as accessTrail says: by server access logs, by CloudTrail, or not.',
    });
  }

  /**
   * Lets the archiver's role read and write messages, thread records and actors, and attached files where those are archived.
   *
   * Actions: s3:GetObject and s3:PutObject below `messages/`, `threads/`, `actors/` and `attachments/`, s3:ListBucket on the
   * bucket; s3:GetObject below `holds/`, and s3:PutObjectLegalHold below `messages/`, `threads/` and `attachments/` to put a
   * hold, and never to release one.
   * Without ListBucket, S3 answers 403 for a key that does not exist instead of 404, and "not archived yet" could
   * not be told from "not allowed" (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, read
   * November 2026). `bucket.grantPut` is not used: it also allows to change retention and legal holds.
   */
  grantArchive(role: Role, { attachments }: { attachments: boolean }): void {
    const prefixes = [
      MESSAGES_PREFIX,
      THREADS_PREFIX,
      ACTORS_PREFIX,
      ...(attachments ? [ATTACHMENTS_PREFIX] : []),
    ];
    this.allow(role, ['s3:GetObject', 's3:PutObject'], prefixes);
    this.allowHolding(
      role,
      prefixes.filter((prefix) => prefix !== ACTORS_PREFIX),
    );
    this.allowListing(role, ['s3:ListBucket']);
  }

  /**
   * Lets the eraser's role erase threads, and nobody else's: no other role may delete anything.
   *
   * Actions: s3:GetObject and s3:PutObject below `threads/` and `erasures/`; s3:DeleteObjectVersion, s3:GetObjectRetention
   * and s3:GetObjectLegalHold below `messages/`, `threads/` and `attachments/`; s3:ListBucket and s3:ListBucketVersions on
   * the bucket; s3:GetObject below `holds/`, and s3:PutObjectLegalHold where it may delete, to put a hold, and never to
   * release one. It cannot bypass a lock.
   */
  grantErase(role: Role): void {
    this.allow(role, ['s3:GetObject', 's3:PutObject'], [THREADS_PREFIX, ERASURES_PREFIX]);
    this.allow(
      role,
      ['s3:DeleteObjectVersion', 's3:GetObjectRetention', 's3:GetObjectLegalHold'],
      [MESSAGES_PREFIX, THREADS_PREFIX, ATTACHMENTS_PREFIX],
    );
    this.allowHolding(role, [MESSAGES_PREFIX, THREADS_PREFIX, ATTACHMENTS_PREFIX]);
    this.allowListing(role, ['s3:ListBucket', 's3:ListBucketVersions']);
  }

  /**
   * Lets the sweeper's role look at what is archived of a thread, and keep its own state and the tables of places.
   *
   * Actions: s3:GetObject below `threads/`; s3:GetObject and s3:PutObject below `sweeps/`, `directory/`, `inboxes/`, `channels/`
   * and `channel_accounts/`; s3:ListBucket on the bucket, as for the archiver.
   */
  grantSweep(role: Role): void {
    this.allow(role, ['s3:GetObject'], [THREADS_PREFIX]);
    this.allow(role, ['s3:GetObject', 's3:PutObject'], [SWEEPS_PREFIX, DIRECTORY_PREFIX, ...PLACE_PREFIXES]);
    this.allowListing(role, ['s3:ListBucket']);
  }

  /** Refuses to everybody but the roles named what could take content or a lock away; see {@link guardArchive}. */
  guard({ eraser }: { eraser: Role }): void {
    guardArchive({ bucket: this.bucket, eraser, roles: this.config });
  }

  /**
   * Lets the role of write-digest describe every version and put digests.
   *
   * Actions: s3:GetObjectVersion on all objects, s3:GetObject and s3:PutObject below `digests/`, s3:ListBucket on the bucket.
   * Describing a version asks for the right to read it; there is none for its checksum alone
   * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, read November 2026).
   */
  grantDigest(role: Role): void {
    this.allow(role, ['s3:GetObjectVersion'], ['']);
    this.allow(role, ['s3:GetObject', 's3:PutObject'], [DIGESTS_PREFIX]);
    this.allowListing(role, ['s3:ListBucket']);
  }

  /**
   * Has S3 notify a queue of every version that is written or deleted, whoever does it. Not by the bucket's
   * `addEventNotification`: that deploys a Lambda of its own, with rights over all buckets, to set what CloudFormation can.
   */
  notify(queue: Queue): void {
    const policy = new PolicyStatement({
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      // The bucket's own ARN would make bucket and policy wait for each other.
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const { policyDependable } = queue.addToResourcePolicy(policy);
    const bucket = bucketResource(this.bucket);
    // S3 tries the queue when it is told of it.
    if (policyDependable !== undefined) bucket.node.addDependency(policyDependable);
    bucket.notificationConfiguration = {
      queueConfigurations: NOTICES.map((event) => ({ event, queue: queue.queueArn })),
    };
  }

  /** Lets a role read who is held, and put legal holds on versions. The condition leaves no way to take one away. */
  private allowHolding(role: Role, prefixes: string[]): void {
    this.allow(role, ['s3:GetObject'], [HOLDS_PREFIX]);
    this.allow(role, ['s3:PutObjectLegalHold'], prefixes, {
      StringEquals: { 's3:object-lock-legal-hold': 'ON' },
    });
  }

  private allow(
    role: Role,
    actions: string[],
    prefixes: string[],
    conditions: Record<string, Record<string, string>> = {},
  ): void {
    const resources = prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`));
    role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    for (const prefix of prefixes) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${this.logicalId()}.Arn>/${prefix}*]`,
        reason: `The objects below ${prefix} have keys that are not known beforehand.`,
      });
    }
  }

  private allowListing(role: Role, actions: string[]): void {
    role.addToPolicy(new PolicyStatement({ actions, resources: [this.bucket.bucketArn] }));
  }

  private logicalId(): string {
    return Stack.of(this).getLogicalId(bucketResource(this.bucket));
  }
}
