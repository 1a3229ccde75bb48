import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { bucketResource } from './bucket-resource.ts';
import { PRIVATE_BUCKET } from './private-bucket.ts';

/** Key prefix of S3's server access logs. */
const ACCESS_LOG_PREFIX = 'archive/';

/** What is recorded, and for how long. */
export type AccessTrailProps = {
  archive: Bucket;
  /** `cloudtrail`: data events. `s3`: server access logs. */
  kind: 'cloudtrail' | 's3';
  /** Whole days, at least one. */
  keep: Duration;
};

/**
 * Records of who read and wrote which object of the archive, in a bucket that outlives the stack.
 *
 * That bucket has no Object Lock: S3 delivers no server access logs to a bucket with it
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html, read November 2026).
 */
export class AccessTrail extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { archive, kind, keep }: AccessTrailProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Logs', {
      ...PRIVATE_BUCKET,
      lifecycleRules: [{ expiration: keep, abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds the records of access to the archive; a log of the log would have no end.',
    });
    if (kind === 's3') this.logRequests(archive);
    else this.trailRequests(archive);
  }

  /**
   * Server access logs: S3 delivers them within hours, as it can, and promises no completeness
   * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html, read November 2026). Keys are by the day
   * of the request, so that Athena reads few of them.
   */
  private logRequests(archive: Bucket): void {
    // Not the construct's own property: its type does not take a Bucket under exactOptionalPropertyTypes.
    bucketResource(archive).loggingConfiguration = {
      destinationBucketName: this.bucket.bucketName,
      logFilePrefix: ACCESS_LOG_PREFIX,
      targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: 'EventTime' } },
    };
    this.allow('logging.s3.amazonaws.com', {
      action: 's3:PutObject',
      resource: this.bucket.arnForObjects(`${ACCESS_LOG_PREFIX}*`),
      conditions: {
        ArnLike: { 'aws:SourceArn': archive.bucketArn },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      },
    });
  }

  /**
   * CloudTrail data events of the archive's objects, reading and writing. Digest files show whether a log file was changed or
   * taken away (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html,
   * read November 2026).
   */
  private trailRequests(archive: Bucket): void {
    const { account, region, partition } = Stack.of(this);
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html (read November
    // 2026). Any trail of this account and region: the trail's own ARN is known only when CloudTrail has been let in.
    const ownTrails = {
      ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudtrail:${region}:${account}:trail/*` },
    };
    this.allow('cloudtrail.amazonaws.com', {
      action: 's3:GetBucketAcl',
      resource: this.bucket.bucketArn,
      conditions: ownTrails,
    });
    this.allow('cloudtrail.amazonaws.com', {
      action: 's3:PutObject',
      resource: this.bucket.arnForObjects(`AWSLogs/${account}/*`),
      conditions: { ...ownTrails, StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
    const trail = new CfnTrail(this, 'Trail', {
      isLogging: true,
      s3BucketName: this.bucket.bucketName,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: false,
      isMultiRegionTrail: false,
      advancedEventSelectors: [
        {
          name: 'Requests for objects of the archive',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
            { field: 'resources.ARN', startsWith: [archive.arnForObjects('')] },
          ],
        },
      ],
    });
    // CloudTrail refuses a bucket that it may not write to.
    if (this.bucket.policy !== undefined) trail.node.addDependency(this.bucket.policy);
  }

  private allow(
    service: string,
    statement: { action: string; resource: string; conditions: Record<string, Record<string, string>> },
  ): void {
    const { action, resource, conditions } = statement;
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: [action],
        resources: [resource],
        conditions,
      }),
    );
  }
}
