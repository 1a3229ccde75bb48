import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  ACTORS_PREFIX,
  ATTACHMENTS_PREFIX,
  MESSAGES_PREFIX,
  THREADS_PREFIX,
} from '../functions/archive/layout.ts';

/** The archive: a private, versioned bucket that outlives its stack. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      // What an edit or a removal replaced stays as an older version: part of the record.
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      // An object encrypted with a customer's own key could be read by nobody else: not in an archive.
      blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Who read and wrote which object comes with the access trail (CloudTrail data events), not with server access logs.',
    });
  }

  /**
   * Lets the archiver's role read and write messages, thread records and actors, and attached files where those are archived.
   *
   * Actions: s3:GetObject and s3:PutObject below `messages/`, `threads/`, `actors/` and `attachments/`, s3:ListBucket on the
   * bucket.
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
    const { bucketArn } = this.bucket;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`)),
      }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucketArn] }));
    for (const prefix of prefixes) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${this.logicalId()}.Arn>/${prefix}*]`,
        reason: `The objects below ${prefix} are what the archiver writes: their keys are not known beforehand.`,
      });
    }
  }

  private logicalId(): string {
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new TypeError('a bucket without its CloudFormation resource');
    return Stack.of(this).getLogicalId(resource);
  }
}
