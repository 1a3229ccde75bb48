import { spawnSync } from 'node:child_process';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { createStack, readable } from './synthesise.ts';

const { stack } = createStack();
const template = Template.fromStack(stack);

describe('the CDK app', () => {
  it.each([
    {},
    { retentionMode: 'governance', retentionDays: '30', accessTrail: 's3' },
    {
      retentionMode: 'compliance',
      retentionDays: '2555',
      complianceCannotBeUndone: 'true',
      accessTrail: 'cloudtrail',
      coldStorageDays: '90',
      coldStorageClass: 'GLACIER_IR',
      analytics: 'true',
    },
  ])('passes the AWS Solutions checks of cdk-nag: %j', (context) => {
    expect(() => createStack(context).app.synth()).not.toThrow();
  });

  it('fails on a finding that nobody has acknowledged', () => {
    const other = createStack();
    new Bucket(other.stack, 'Careless');

    expect(() => other.app.synth()).toThrow('AwsSolutions-S10');
  });

  it('protects the stack against deletion', () => {
    expect(stack.terminationProtection).toBe(true);
  });

  it('keeps the logical ids of what holds data, so that no refactoring replaces it', () => {
    const stateful = [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
      'AWS::ApiGatewayV2::Api',
      'AWS::KMS::Key',
    ];

    const ids = stateful.flatMap((type) => Object.keys(template.findResources(type)));

    expect(ids).toEqual([
      'ArchiveBucket49F1AC64',
      'ThreadQueueDeadLetters70F2F891',
      'ThreadQueueC6DC028B',
      'UrgentQueueC9A84344',
      'ErasureQueue60181FF6',
      'DigestsDeadLetters1DA62869',
      'DigestsChangesE5E9A8BC',
      'ClientSecret131B6143',
      'AccessTokensSecretCECB373F',
      'WebhookApi427E2EB3',
      'DigestsKeyCF69EA57',
    ]);
  });

  it('leaves every physical name to CloudFormation', () => {
    const resources = Object.values(
      template.toJSON()['Resources'] as Record<string, { Properties?: object }>,
    );

    const names = resources
      .flatMap(({ Properties = {} }) => Object.entries(Properties))
      .filter(
        ([key, value]) =>
          /^(Bucket|Queue|Function|Topic|Alarm|LogGroup|Role)Name$/.test(key) && typeof value === 'string',
      );

    expect(names).toEqual([]);
  });

  it('tells what an operator needs to go on', () => {
    const outputs = template.findOutputs('*') as Record<string, { Value: unknown }>;

    expect(Object.keys(outputs).sort()).toEqual([
      'AccessTokensArn',
      'AlarmTopicArn',
      'ApiEndpoint',
      'ArchiveBucketName',
      'ChangesQueueUrl',
      'ClientSecretArn',
      'DeadLetterQueueUrl',
      'DigestKeyArn',
      'ErasureQueueUrl',
      'ThreadQueueUrl',
      'WebhookUrl',
      'WriteDigestName',
    ]);
    expect(readable(outputs['WebhookUrl']!.Value)).toBe('WebhookApi.ApiEndpoint/webhook');
  });
});

describe('node cdk/app.ts', () => {
  const run = (context: object) =>
    spawnSync(process.execPath, ['cdk/app.ts'], {
      encoding: 'utf8',
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });

  it('ends with exit code 1 and one readable message when the configuration cannot be used', () => {
    const { status, stderr } = run({ coalesceSeconds: '-1' });

    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'the configuration cannot be used:',
      expect.stringMatching(/^ {2}portals: is missing; /),
      '  coalesceSeconds: was "-1"; allowed is a whole number from 0 to 900',
      '',
    ]);
  });
});
