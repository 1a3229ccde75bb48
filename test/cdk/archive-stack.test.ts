import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { shareOf } from '../../cdk/request-shares.ts';
import { synthesise } from './synthesise.ts';

const template = synthesise({ requestsPerSecond: '9', coalesceSeconds: '45' });

describe('the archive bucket', () => {
  const hasBucket = (settings: object) => {
    template.hasResource('AWS::S3::Bucket', settings);
  };

  it('outlives the stack', () => {
    hasBucket({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('keeps every version', () => {
    hasBucket({ Properties: { VersioningConfiguration: { Status: 'Enabled' } } });
  });

  it('is private, and all its objects belong to the account', () => {
    hasBucket({
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
    });
  });

  it('encrypts with keys of S3 and takes none from outside', () => {
    hasBucket({
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
              BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
            },
          ],
        },
      },
    });
  });

  it('forgets uploads that were never finished, and nothing else', () => {
    hasBucket({
      Properties: {
        LifecycleConfiguration: {
          Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }],
        },
      },
    });
  });
});

describe('the thread queue', () => {
  const QUEUE = 'ThreadQueueC6DC028B';
  const DEAD_LETTERS = 'ThreadQueueDeadLetters70F2F891';
  const queues = template.findResources('AWS::SQS::Queue') as Record<
    string,
    { Properties: Record<string, unknown> }
  >;

  it('waits as long as configured for further events of a thread', () => {
    expect(queues[QUEUE]?.Properties['DelaySeconds']).toBe(45);
  });

  it('sets a thread aside after ten tries', () => {
    expect(queues[QUEUE]?.Properties['RedrivePolicy']).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [DEAD_LETTERS, 'Arn'] },
      maxReceiveCount: 10,
    });
  });

  it('sets a thread aside at the very try that archive-thread takes for the last', () => {
    const [archiver] = functionsWith({ Description: Match.stringLikeRegexp('^Fetches') });
    const { maxReceiveCount } = queues[QUEUE]?.Properties['RedrivePolicy'] as { maxReceiveCount: number };

    expect(archiver?.['Environment']).toMatchObject({
      Variables: { MAX_RECEIVE_COUNT: String(maxReceiveCount) },
    });
  });

  it.each([QUEUE, DEAD_LETTERS])('keeps messages for 14 days, encrypted (%s)', (id) => {
    expect(queues[id]?.Properties).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
  });

  it('hides a message for at least six times the time-out of its consumer', () => {
    const [archiver] = functionsWith({ Description: Match.stringLikeRegexp('^Fetches') });

    expect(queues[QUEUE]?.Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(
      6 * Number(archiver?.['Timeout']),
    );
  });
});

describe('the Lambdas', () => {
  it('are six', () => {
    template.resourceCountIs('AWS::Lambda::Function', 6);
  });

  it('run on Node.js 24 and arm64, log JSON to a group of their own and reserve no concurrency', () => {
    const alike = {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: Match.stringLikeRegexp('Logs') } },
      ReservedConcurrentExecutions: Match.absent(),
      Environment: { Variables: Match.objectLike({ POWERTOOLS_METRICS_NAMESPACE: 'Threadvault' }) },
    };

    expect(functionsWith(alike)).toHaveLength(6);
  });

  it('may queue anew what came from their own queue, as often as it takes, if they consume one', () => {
    expect(functionsWith({ RecursiveLoop: 'Allow' })).toHaveLength(3);
    expect(functionsWith({ RecursiveLoop: 'Terminate' })).toHaveLength(3);
  });

  it('keep their logs for 90 days, and not beyond the stack', () => {
    const groups = template.findResources('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 90 },
      DeletionPolicy: 'Delete',
    });

    expect(Object.keys(groups)).toHaveLength(7);
  });

  it('receive-webhook knows its queue, its portals and where its secret is', () => {
    const [receiver] = functionsWith({ Timeout: 10, MemorySize: 512 });

    expect(receiver?.['Environment']).toEqual({
      Variables: {
        PORTALS: '62515',
        THREAD_QUEUE_URL: { Ref: 'ThreadQueueC6DC028B' },
        URGENT_QUEUE_URL: { Ref: 'UrgentQueueC9A84344' },
        ERASURE_QUEUE_URL: { Ref: 'ErasureQueue60181FF6' },
        CLIENT_SECRET_ARN: { Ref: 'ClientSecret131B6143' },
        POWERTOOLS_SERVICE_NAME: 'receive-webhook',
        POWERTOOLS_METRICS_NAMESPACE: 'Threadvault',
      },
    });
  });

  it('archive-thread is told its share of the request rate', () => {
    const [archiver] = functionsWith({ Timeout: 300, MemorySize: 1024 });

    expect(archiver?.['Environment']).toEqual({
      Variables: {
        PORTALS: '62515',
        COALESCE_SECONDS: '45',
        THREAD_QUEUE_URL: { Ref: 'ThreadQueueC6DC028B' },
        DEAD_LETTER_QUEUE_URL: { Ref: 'ThreadQueueDeadLetters70F2F891' },
        MAX_RECEIVE_COUNT: '10',
        ARCHIVE_BUCKET: { Ref: 'ArchiveBucket49F1AC64' },
        ACCESS_TOKENS_ARN: { Ref: 'AccessTokensSecretCECB373F' },
        HUBSPOT_API_URL: 'https://api.hubapi.com',
        HUBSPOT_API_VERSION: 'v3',
        ATTACHMENTS: 'true',
        ATTACHMENT_MAX_MEGABYTES: '100',
        REQUESTS_PER_SECOND: '3.6',
        POWERTOOLS_SERVICE_NAME: 'archive-thread',
        POWERTOOLS_METRICS_NAMESPACE: 'Threadvault',
      },
    });
  });

  it.each([
    [{}, 512],
    [{ attachmentMaxMegabytes: '224' }, 512],
    [{ attachmentMaxMegabytes: '400' }, 864],
    [{ attachmentMaxMegabytes: '400', attachments: 'false' }, 512],
  ])('archive-thread has a disk for two attached files: %j', (context, Size) => {
    synthesise(context).hasResourceProperties('AWS::Lambda::Function', { EphemeralStorage: { Size } });
  });

  it('archive-thread is told from where files may come', () => {
    const stack = synthesise({ attachments: 'false', attachmentHosts: 'a.example.com,b.example.com' });

    stack.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          ATTACHMENTS: 'false',
          ATTACHMENT_HOSTS: 'a.example.com,b.example.com',
        }),
      },
    });
  });

  it('archive-thread takes ten threads at a time, two workers in all, and reports failures one by one', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 3);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': ['ThreadQueueC6DC028B', 'Arn'] },
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});

describe('the sweep', () => {
  it('is told its share of the request rate, how often and how far', () => {
    const [sweeper] = functionsWith({ Description: Match.stringLikeRegexp('^Queues the threads') });

    expect(sweeper).toMatchObject({ MemorySize: 512, Timeout: 290 });
    expect(sweeper?.['Environment']).toEqual({
      Variables: {
        PORTALS: '62515',
        COALESCE_SECONDS: '45',
        THREAD_QUEUE_URL: { Ref: 'ThreadQueueC6DC028B' },
        URGENT_QUEUE_URL: { Ref: 'UrgentQueueC9A84344' },
        ARCHIVE_BUCKET: { Ref: 'ArchiveBucket49F1AC64' },
        ACCESS_TOKENS_ARN: { Ref: 'AccessTokensSecretCECB373F' },
        HUBSPOT_API_URL: 'https://api.hubapi.com',
        HUBSPOT_API_VERSION: 'v3',
        REQUESTS_PER_SECOND: '0.9',
        SWEEP_MINUTES: '60',
        FULL_SWEEP_DAYS: '7',
        FULL_SWEEP_WINDOW_DAYS: '30',
        POWERTOOLS_SERVICE_NAME: 'sweep-threads',
        POWERTOOLS_METRICS_NAMESPACE: 'Threadvault',
      },
    });
  });

  it('is called every five minutes, ends before the next call, and is not repeated', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
    const [sweeper] = functionsWith({ Description: Match.stringLikeRegexp('^Queues the threads') });
    expect(Number(sweeper?.['Timeout'])).toBeLessThan(300);
  });

  it('shares the request rate with what archives, and all shares together are no more than it', () => {
    const shares = (['archiver', 'urgent', 'sweeper'] as const).map((whose) => shareOf(whose, 10));

    expect(shares).toEqual([8, 1, 1]);
  });
});

describe('deletions', () => {
  it('have a worker of their own, which is told the rest of the request rate', () => {
    const [urgent] = functionsWith({
      Environment: { Variables: Match.objectLike({ THREAD_QUEUE_URL: { Ref: 'UrgentQueueC9A84344' } }) },
    });

    expect(urgent?.['Environment']).toMatchObject({ Variables: { REQUESTS_PER_SECOND: '0.45' } });
    expect(urgent?.['Description']).toMatch(/^Fetches/);
  });

  it('wait for nothing, and what fails is set aside in the one dead-letter queue', () => {
    const queues = template.findResources('AWS::SQS::Queue') as Record<
      string,
      { Properties: Record<string, unknown> }
    >;
    for (const id of ['UrgentQueueC9A84344', 'ErasureQueue60181FF6']) {
      expect(queues[id]?.Properties).toMatchObject({
        DelaySeconds: 0,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': ['ThreadQueueDeadLetters70F2F891', 'Arn'] },
          maxReceiveCount: 10,
        },
      });
    }
  });

  it('for privacy follow the policy, and come again once a day for what was locked', () => {
    const stack = synthesise({ privacyDeletion: 'hold' });

    stack.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ PRIVACY_DELETION: 'hold' }) },
    });
    stack.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      Targets: [Match.objectLike({ Input: '{"task":"revisit"}' })],
    });
  });
});

describe('the digests', () => {
  const resources = template.toJSON()['Resources'] as Record<string, Record<string, unknown>>;
  const idOf = (start: string) => Object.keys(resources).find((id) => id.startsWith(start))!;

  it('are told by S3 of every version that is written or deleted, whatever its key', () => {
    const Queue = { 'Fn::GetAtt': [expect.stringMatching(/^DigestsChanges/), 'Arn'] };

    const bucket = resources['ArchiveBucket49F1AC64'] as { Properties: Record<string, unknown> };

    expect(bucket.Properties['NotificationConfiguration']).toEqual({
      QueueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*'].map(
        (Event) => ({ Event, Queue }),
      ),
    });
  });

  it('have a queue that takes what S3 says before the bucket is told of it', () => {
    expect(resources['ArchiveBucket49F1AC64']?.['DependsOn']).toEqual([
      expect.stringMatching(/^DigestsChangesPolicy/),
    ]);
  });

  it('lose nothing for two weeks, and set aside only what fails for more than a week', () => {
    const { Properties } = resources[idOf('DigestsChanges')] as { Properties: Record<string, unknown> };

    expect(Properties).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^DigestsDeadLetters/), 'Arn'] },
        maxReceiveCount: 200,
      },
    });
    const [writer] = functionsWith({ Description: Match.stringLikeRegexp('^Lists') });
    expect(Properties['VisibilityTimeout']).toBeGreaterThan(Number(writer?.['Timeout']));
  });

  it('are signed with a key over P-256 that outlives the stack', () => {
    template.hasResource('AWS::KMS::Key', {
      Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('are written once an hour', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 hour)',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [idOf('DigestsWriterFunction'), 'Arn'] } })],
    });
  });
});

describe('the webhook endpoint', () => {
  it('has one route', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /webhook' });
  });

  it('is throttled, on the one stage without a name in its path', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Stage', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });

  it('logs what became of each request, and nothing about who sent it', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
    const { Format } = (stage as { Properties: { AccessLogSettings: { Format: string } } }).Properties
      .AccessLogSettings;

    expect(Object.keys(JSON.parse(Format) as object)).toEqual([
      'requestId',
      'requestTime',
      'routeKey',
      'status',
      'responseLatency',
      'integrationLatency',
      'integrationStatus',
      'integrationError',
    ]);
  });

  it('checks signatures against the configured URL where HubSpot calls another than the API', () => {
    const webhookUrl = 'https://hooks.example.com/webhook';

    const other = synthesise({ webhookUrl });

    other.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ WEBHOOK_URL: webhookUrl }) },
    });
    other.hasOutput('WebhookUrl', { Value: webhookUrl });
  });
});

describe('the secrets', () => {
  it('start out with a random string that is no valid value, and go with the stack', () => {
    const secrets = template.findResources('AWS::SecretsManager::Secret', {
      Properties: { GenerateSecretString: {}, SecretString: Match.absent() },
      DeletionPolicy: 'Delete',
    });

    expect(Object.keys(secrets)).toHaveLength(2);
  });
});

function functionsWith(properties: object): Record<string, unknown>[] {
  const found = template.findResources('AWS::Lambda::Function', { Properties: properties });
  return Object.values(found as Record<string, { Properties: Record<string, unknown> }>).map(
    ({ Properties }) => Properties,
  );
}
