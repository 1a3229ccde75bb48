import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { policyOf } from './policy.ts';
import { createStack, readable, synthesise } from './synthesise.ts';

const ARCHIVE = 'ArchiveBucket49F1AC64';
const LOGS = 'AccessTrailLogs';

const none = synthesise();
const s3 = synthesise({ accessTrail: 's3' });
const cloudtrail = synthesise({ accessTrail: 'cloudtrail', accessTrailDays: '90' });

describe('without an access trail', () => {
  it('nothing is recorded', () => {
    none.resourceCountIs('AWS::S3::Bucket', 1);
    none.resourceCountIs('AWS::CloudTrail::Trail', 0);
    none.hasResourceProperties('AWS::S3::Bucket', { LoggingConfiguration: Match.absent() });
  });
});

describe('the bucket of the trail', () => {
  it.each([
    ['s3', s3, 365],
    ['cloudtrail', cloudtrail, 90],
  ])('is private, has no Object Lock, outlives the stack and forgets in time: %s', (_, template, days) => {
    template.resourceCountIs('AWS::S3::Bucket', 2);
    expect(trailBucket(template)).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: {
          Rules: [
            {
              ExpirationInDays: days,
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
              Status: 'Enabled',
            },
          ],
        },
      },
    });
    expect(trailBucket(template)).not.toHaveProperty('Properties.ObjectLockEnabled');
    template.hasOutput('AccessTrailBucketName', {});
  });

  it.each([
    ['s3', s3],
    ['cloudtrail', cloudtrail],
  ])('refuses requests without TLS: %s', (_, template) => {
    expect(policyOf(template, LOGS)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});

describe('the trail of S3', () => {
  it('logs the requests for the archive, by the day on which they came', () => {
    expect(s3.findResources('AWS::S3::Bucket')[ARCHIVE]).toMatchObject({
      Properties: {
        LoggingConfiguration: {
          DestinationBucketName: { Ref: expect.stringMatching(LOGS) },
          LogFilePrefix: 'archive/',
          TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
        },
      },
    });
    s3.resourceCountIs('AWS::CloudTrail::Trail', 0);
  });

  it('lets S3 write the logs of this archive and nothing else', () => {
    expect(allowed(s3)).toEqual([
      {
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: 'AccessTrailLogs.Arn/archive/*',
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': [ARCHIVE, 'Arn'] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ]);
  });

  it('needs no excuse before cdk-nag, which the others do', () => {
    expect(acknowledged({ accessTrail: 's3' })).toEqual([false]);
    expect(acknowledged({})).toEqual([true]);
    expect(acknowledged({ accessTrail: 'cloudtrail' })).toEqual([true]);
  });
});

describe('the trail of CloudTrail', () => {
  it('records reading and writing of the objects of the archive, and of nothing else', () => {
    const [trail] = Object.values(cloudtrail.findResources('AWS::CloudTrail::Trail')) as {
      Properties: {
        AdvancedEventSelectors: { FieldSelectors: { Field: string; StartsWith?: unknown[] }[] }[];
      };
      DependsOn: string[];
    }[];

    const { AdvancedEventSelectors, ...settings } = trail!.Properties;

    expect(AdvancedEventSelectors.map(({ FieldSelectors }) => FieldSelectors)).toEqual([
      [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
        { Field: 'resources.ARN', StartsWith: [expect.anything()] },
      ],
    ]);
    expect(readable(AdvancedEventSelectors[0]!.FieldSelectors[2]!.StartsWith![0])).toBe('ArchiveBucket.Arn/');
    expect(settings).toMatchObject({
      IsLogging: true,
      EnableLogFileValidation: true,
      IsMultiRegionTrail: false,
      IncludeGlobalServiceEvents: false,
    });
    expect(trail!.DependsOn).toEqual([expect.stringMatching(/^AccessTrailLogsPolicy/)]);
  });

  it('lets CloudTrail write for trails of this account and nothing else', () => {
    const statements = allowed(cloudtrail);

    expect(statements.map(({ Principal, Action, Resource }) => [Principal, Action, Resource])).toEqual([
      [{ Service: 'cloudtrail.amazonaws.com' }, 's3:GetBucketAcl', 'AccessTrailLogs.Arn'],
      [
        { Service: 'cloudtrail.amazonaws.com' },
        's3:PutObject',
        'AccessTrailLogs.Arn/AWSLogs/AWS::AccountId/*',
      ],
    ]);
    for (const { Condition } of statements) {
      expect(readable(Condition?.['ArnLike']?.['aws:SourceArn'])).toBe(
        'arn:AWS::Partition:cloudtrail:AWS::Region:AWS::AccountId:trail/*',
      );
    }
    expect(statements[1]?.Condition).toMatchObject({
      StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' },
    });
  });
});

function trailBucket(template: Template): unknown {
  const buckets = Object.entries(template.findResources('AWS::S3::Bucket'));
  return buckets.find(([id]) => id.startsWith(LOGS))?.[1];
}

function allowed(template: Template) {
  return policyOf(template, LOGS)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Principal, Action, Resource, Condition }) => ({
      Principal,
      Action,
      Resource: readable(Resource),
      Condition,
    }));
}

/** Whether the finding of cdk-nag that the archive has no access log is acknowledged. */
function acknowledged(context: Record<string, unknown>): boolean[] {
  const { stack } = createStack(context);
  return [stack.node.findChild('Archive').node.findChild('Bucket')].map((bucket) =>
    JSON.stringify(bucket.node.metadata).includes('AwsSolutions-S1'),
  );
}
