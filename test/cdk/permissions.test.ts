import { describe, expect, it } from 'vitest';
import { permissionsOf } from './policy.ts';
import { readable, synthesise } from './synthesise.ts';

type Statement = {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};
type Resource = { Properties: Record<string, unknown> & { PolicyDocument: { Statement: Statement[] } } };

type KeyResource = { Properties: { KeyPolicy: { Statement: Statement[] } } };

const template = synthesise();

describe('the role of receive-webhook', () => {
  it('may write its log, queue threads and read the client secret', () => {
    expect(permissionsOf(template, 'WebhookReceiverRole')).toEqual([
      'logs:CreateLogStream, logs:PutLogEvents on WebhookReceiverLogs.Arn',
      'sqs:SendMessage on ErasureQueue.Arn, ThreadQueue.Arn, UrgentQueue.Arn',
      'secretsmanager:GetSecretValue on ClientSecret',
    ]);
  });
});

describe('the role of archive-thread', () => {
  it('may write its log, consume the queue, set aside, read and write the archive and read the access tokens', () => {
    expect(permissionsOf(template, 'ThreadsArchiverRole')).toEqual([
      'logs:CreateLogStream, logs:PutLogEvents on ThreadsArchiverLogs.Arn',
      'sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:SendMessage on ThreadQueue.Arn',
      'sqs:SendMessage on ThreadQueueDeadLetters.Arn',
      's3:GetObject, s3:PutObject on ArchiveBucket.Arn/actors/*, ArchiveBucket.Arn/attachments/*, ArchiveBucket.Arn/messages/*, ArchiveBucket.Arn/threads/*',
      's3:GetObject on ArchiveBucket.Arn/holds/*',
      's3:PutObjectLegalHold on ArchiveBucket.Arn/attachments/*, ArchiveBucket.Arn/messages/*, ArchiveBucket.Arn/threads/* if StringEquals s3:object-lock-legal-hold ON',
      's3:ListBucket on ArchiveBucket.Arn',
      'secretsmanager:GetSecretValue on AccessTokensSecret',
    ]);
  });

  it('may not touch attached files when they are not archived', () => {
    const without = synthesise({ attachments: 'false' });

    expect(permissionsOf(without, 'ThreadsArchiverRole')).toContain(
      's3:GetObject, s3:PutObject on ArchiveBucket.Arn/actors/*, ArchiveBucket.Arn/messages/*, ArchiveBucket.Arn/threads/*',
    );
  });
});

describe('the role of archive-thread for urgent threads', () => {
  it('may do the same, with a queue of its own', () => {
    const urgent = permissionsOf(template, 'UrgentThreadsArchiverRole').map((line) =>
      line.replace('UrgentThreadsArchiver', 'ThreadsArchiver').replace('UrgentQueue', 'ThreadQueue'),
    );

    expect(urgent).toEqual(permissionsOf(template, 'ThreadsArchiverRole'));
  });
});

describe('the role of erase-thread', () => {
  it('may delete versions of messages, threads and files, and it alone may delete', () => {
    expect(permissionsOf(template, 'ErasingEraserRole')).toEqual([
      'logs:CreateLogStream, logs:PutLogEvents on ErasingEraserLogs.Arn',
      'sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:SendMessage on ErasureQueue.Arn',
      'sqs:SendMessage on ThreadQueueDeadLetters.Arn',
      's3:GetObject, s3:PutObject on ArchiveBucket.Arn/erasures/*, ArchiveBucket.Arn/threads/*',
      's3:DeleteObjectVersion, s3:GetObjectLegalHold, s3:GetObjectRetention on ArchiveBucket.Arn/attachments/*, ArchiveBucket.Arn/messages/*, ArchiveBucket.Arn/threads/*',
      's3:GetObject on ArchiveBucket.Arn/holds/*',
      's3:PutObjectLegalHold on ArchiveBucket.Arn/attachments/*, ArchiveBucket.Arn/messages/*, ArchiveBucket.Arn/threads/* if StringEquals s3:object-lock-legal-hold ON',
      's3:ListBucket, s3:ListBucketVersions on ArchiveBucket.Arn',
    ]);
    const others = [
      'WebhookReceiverRole',
      'ThreadsArchiverRole',
      'UrgentThreadsArchiverRole',
      'SweepingSweeperRole',
    ];
    expect(
      others.flatMap((role) => permissionsOf(template, role)).filter((line) => line.includes('s3:Delete')),
    ).toEqual([]);
  });
});

describe('the role of sweep-threads', () => {
  it('may look at thread records, keep its state and the tables of places, and feed two queues', () => {
    expect(permissionsOf(template, 'SweepingSweeperRole')).toEqual([
      'logs:CreateLogStream, logs:PutLogEvents on SweepingSweeperLogs.Arn',
      'sqs:GetQueueAttributes, sqs:SendMessage on ThreadQueue.Arn, UrgentQueue.Arn',
      's3:GetObject on ArchiveBucket.Arn/threads/*',
      's3:GetObject, s3:PutObject on ArchiveBucket.Arn/channel_accounts/*, ArchiveBucket.Arn/channels/*, ArchiveBucket.Arn/directory/*, ArchiveBucket.Arn/inboxes/*, ArchiveBucket.Arn/sweeps/*',
      's3:ListBucket on ArchiveBucket.Arn',
      'secretsmanager:GetSecretValue on AccessTokensSecret',
    ]);
  });
});

describe('a legal hold', () => {
  it('can be released by no role of the stack', () => {
    const holding = [
      'ThreadsArchiverRole',
      'UrgentThreadsArchiverRole',
      'ErasingEraserRole',
      'WebhookReceiverRole',
      'SweepingSweeperRole',
    ]
      .flatMap((role) => permissionsOf(template, role))
      .filter((line) => line.includes('LegalHold on') && line.includes('PutObject'));

    expect(holding).toHaveLength(3);
    expect(holding.every((line) => line.endsWith(' if StringEquals s3:object-lock-legal-hold ON'))).toBe(
      true,
    );
  });

  it('can be put, because the bucket has Object Lock', () => {
    template.hasResourceProperties('AWS::S3::Bucket', { ObjectLockEnabled: true });
  });
});

describe('the role of write-digest', () => {
  it('may write its log, sign, take what changed, describe every version and put digests', () => {
    expect(permissionsOf(template, 'DigestsWriterRole')).toEqual([
      'logs:CreateLogStream, logs:PutLogEvents on DigestsWriterLogs.Arn',
      'kms:GetPublicKey, kms:Sign on DigestsKey.Arn',
      'sqs:DeleteMessage, sqs:ReceiveMessage on DigestsChanges.Arn',
      's3:GetObjectVersion on ArchiveBucket.Arn/*',
      's3:GetObject, s3:PutObject on ArchiveBucket.Arn/digests/*',
      's3:ListBucket on ArchiveBucket.Arn',
    ]);
  });

  it('is the only one that may sign, and nobody else may write below digests/', () => {
    const [key] = Object.values(template.findResources('AWS::KMS::Key') as Record<string, KeyResource>);
    const [, deny] = key!.Properties.KeyPolicy.Statement;

    expect(deny).toMatchObject({ Effect: 'Deny', Action: 'kms:Sign', Principal: { AWS: '*' } });
    expect(readable(deny?.Condition?.['ArnNotEquals']?.['aws:PrincipalArn'])).toBe('DigestsWriterRole.Arn');
    const others = [
      'WebhookReceiverRole',
      'ThreadsArchiverRole',
      'UrgentThreadsArchiverRole',
      'ErasingEraserRole',
      'SweepingSweeperRole',
    ];
    expect(
      others.flatMap((role) => permissionsOf(template, role)).filter((line) => /kms:|digests/.test(line)),
    ).toEqual([]);
  });
});

describe('the roles', () => {
  it('are six, for Lambda only, with nothing but their one policy', () => {
    const roles = Object.values(template.findResources('AWS::IAM::Role') as Record<string, Resource>);

    expect(roles.map(({ Properties }) => Properties)).toEqual(
      Array.from({ length: 6 }, () => ({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
      })),
    );
    template.resourceCountIs('AWS::IAM::Policy', 6);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });
});

describe('what others may do', () => {
  it('API Gateway may call receive-webhook for the one route, and rules erase-thread, sweep-threads and write-digest', () => {
    template.resourceCountIs('AWS::Lambda::Permission', 4);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    });
  });

  it.each(['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'])(
    '%s allows nothing, but S3 to notify, and refuses requests without TLS',
    (type) => {
      const policies = Object.values(template.findResources(type) as Record<string, Resource>);

      for (const { Properties } of policies) {
        const { Statement } = Properties.PolicyDocument;
        const allowed = Statement.filter(({ Effect }) => Effect !== 'Deny');
        expect(allowed.filter(({ Principal }) => !isS3(Principal))).toEqual([]);
        expect(Statement[0]).toMatchObject({
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
      }
      expect(policies).toHaveLength(type === 'AWS::S3::BucketPolicy' ? 1 : 6);
    },
  );

  it('S3 may notify one queue of what happens in this account', () => {
    const policies = Object.values(
      template.findResources('AWS::SQS::QueuePolicy') as Record<string, Resource>,
    );

    const allowed = policies.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow'),
    );

    expect(allowed).toEqual([
      {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 's3.amazonaws.com' },
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^DigestsChanges/), 'Arn'] },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('the bucket refuses TLS below 1.2', () => {
    const [policy] = Object.values(
      template.findResources('AWS::S3::BucketPolicy') as Record<string, Resource>,
    );

    expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Action: 's3:*',
        Effect: 'Deny',
        Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      }),
    );
  });

  it('CloudWatch may publish alarms of this account, and everybody else must at least use TLS', () => {
    const [policy] = Object.values(
      template.findResources('AWS::SNS::TopicPolicy') as Record<string, Resource>,
    );

    const statements = policy?.Properties.PolicyDocument.Statement ?? [];

    expect(statements.map(({ Effect, Action, Principal }) => ({ Effect, Action, Principal }))).toEqual([
      { Effect: 'Deny', Action: 'sns:Publish', Principal: '*' },
      { Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } },
    ]);
    expect(readable(statements[1]?.Condition?.['ArnLike']?.['aws:SourceArn'])).toBe(
      'arn:AWS::Partition:cloudwatch:AWS::Region:AWS::AccountId:alarm:*',
    );
  });
});

function isS3(principal: unknown): boolean {
  return JSON.stringify(principal) === '{"Service":"s3.amazonaws.com"}';
}
