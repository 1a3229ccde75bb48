import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { copyDefinition } from '../../cdk/copy-state-machine.ts';
import { createStatement, mergeDaysStatement, mergeRecordsStatement } from '../../queries/analytics-copy.ts';
import { anchors, readDocument } from '../docs/markdown.ts';
import { permissionsOf } from './policy.ts';
import { createStack, readable } from './synthesise.ts';

const template = Template.fromStack(createStack({ analytics: 'true' }).queryStack);

type StateMachine = {
  Properties: { DefinitionString: string; DefinitionSubstitutions: Record<string, unknown> };
};
const [machine] = Object.values(
  template.findResources('AWS::StepFunctions::StateMachine') as Record<string, StateMachine>,
);

describe('the analytics copy', () => {
  it('is left out unless it is wanted', () => {
    const without = Template.fromStack(createStack().queryStack);

    for (const type of ['AWS::StepFunctions::StateMachine', 'AWS::Scheduler::Schedule', 'AWS::IAM::Role'])
      without.resourceCountIs(type, 0);
    without.resourceCountIs('AWS::S3::Bucket', 1);
    without.resourceCountIs('AWS::Glue::Database', 1);
  });

  it('has a bucket of its own, private, encrypted, and without locks and versions', () => {
    const [id, bucket] = Object.entries(template.findResources('AWS::S3::Bucket')).find(([name]) =>
      name.startsWith('AnalyticsCopy'),
    )!;

    expect(bucket).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      },
    });
    const properties = Object.keys((bucket as { Properties: object }).Properties);
    expect(properties.filter((name) => /Lock|Versioning/.test(name))).toEqual([]);
    template.hasOutput('CopyBucketName', { Value: { Ref: id } });
  });

  it('has the tables that are not copied beside its own, the views, and the lines of the digests', () => {
    const tables = Object.values(
      template.findResources('AWS::Glue::Table', {
        Properties: { DatabaseName: { Ref: Match.stringLikeRegexp('^AnalyticsCopyDatabase') } },
      }) as Record<string, { Properties: { TableInput: { Name: string } } }>,
    ).map(({ Properties }) => Properties.TableInput.Name);

    expect(tables.sort()).toEqual([
      'channel_accounts',
      'channels',
      'digest_lines',
      'erasures',
      'holds',
      'inboxes',
      'messages_named',
      'threads_named',
    ]);
  });

  it('is kept by Athena in a workgroup that no limit breaks off', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'threadvault_analytics',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: Match.absent(),
      },
    });
    expect(machine!.Properties.DefinitionSubstitutions['WorkGroup']).toEqual({ Ref: 'CopyWorkGroup' });
  });

  it('knows the places by their names', () => {
    const { Archive, Copy, Partition } = machine!.Properties.DefinitionSubstitutions;

    expect([Archive, Copy, Partition].map(readable)).toEqual([
      'Threadvault.ArchiveBucketName',
      'AnalyticsCopyBucket',
      'AWS::Partition',
    ]);
  });
});

describe('a run', () => {
  it('begins every six hours and has ended before the next', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(6 hours)',
      Target: { Arn: { Ref: Match.stringLikeRegexp('^AnalyticsCopyStateMachine') } },
    });
    const { TimeoutSeconds } = JSON.parse(machine!.Properties.DefinitionString) as { TimeoutSeconds: number };
    expect(TimeoutSeconds).toBe(5 * 3600);
  });

  it('deletes the files of states that the run before has replaced', () => {
    const [, seconds] = /'vacuum_max_snapshot_age_seconds' = '(\d+)'/.exec(
      createStatement('messages', 's3://b/t/'),
    )!;

    // Longer than a query may run, shorter than from one run to the next.
    expect(Number(seconds)).toBeGreaterThan(30 * 60);
    expect(Number(seconds)).toBeLessThan(6 * 3600);
  });

  it('writes a data file anew as soon as a row of it was deleted', () => {
    expect(createStatement('threads', 's3://b/t/')).toContain(
      "'optimize_rewrite_delete_file_threshold' = '1'",
    );
  });

  it('goes from each state to one that there is, and can end', () => {
    const { StartAt, States } = copyDefinition(1);

    const targets = Object.values(States).flatMap((state) =>
      [...JSON.stringify(state).matchAll(/"(?:Next|Default)":"(\w+)"/g)].map(([, next]) => next!),
    );

    expect(new Set([StartAt, ...targets])).toEqual(new Set(Object.keys(States)));
    expect(States['Done']).toEqual({ Type: 'Succeed' });
  });

  it('sends no statement that is longer than Athena takes', () => {
    const atATime = Number(
      /"MaxResults": (\d+)/.exec(String(copyDefinition(1).States['ReadThreads']!['Arguments']))![1],
    );
    const longest = 'x'.repeat(128);
    const path = `'s3://${'b'.repeat(63)}/threads/portal_id=${longest}/${longest}.json'`;
    const paths = Array.from({ length: atATime }, () => path).join(',');

    const threads = mergeRecordsStatement('threads', `s3://${'b'.repeat(63)}/`).replaceAll(':paths', paths);

    // https://docs.aws.amazon.com/athena/latest/ug/service-limits.html, read November 2026.
    expect(Buffer.byteLength(threads)).toBeLessThan(262_144);
    expect(mergeDaysStatement().length).toBeLessThan(10_000);
  });
});

describe('its role', () => {
  it('may have Athena read the archive and write the tables of the copy', () => {
    const glue = 'arn:AWS::Partition:glue:AWS::Region:AWS::AccountId';
    const athena = 'arn:AWS::Partition:athena:AWS::Region:AWS::AccountId';
    const archive = 'arn:AWS::Partition:s3:::Threadvault.ArchiveBucketName';
    const databases = `${glue}:database/threadvault, ${glue}:database/threadvault_analytics`;
    const tables = (database: string, ...names: string[]) =>
      names.map((name) => `${glue}:table/${database}/${name}`).join(', ');
    const sources = tables('threadvault', 'actors', 'messages', 'threads');
    const copied = tables('threadvault_analytics', 'actors', 'messages', 'threads');
    const read = tables('threadvault_analytics', 'actors', 'digest_lines', 'messages', 'threads');

    expect(permissionsOf(template, 'AnalyticsCopyRole')).toEqual([
      `athena:GetQueryExecution, athena:GetQueryResults, athena:StartQueryExecution, athena:StopQueryExecution on ${athena}:workgroup/CopyWorkGroup`,
      `athena:GetDataCatalog on ${athena}:datacatalog/AwsDataCatalog`,
      `glue:GetDatabase on ${glue}:catalog, ${glue}:database/default, ${databases}`,
      `glue:GetPartitions, glue:GetTable, glue:GetTables on ${glue}:catalog, ${databases}, ${sources}, ${read}`,
      `glue:CreateTable, glue:DeleteTable, glue:UpdateTable on ${glue}:catalog, ${glue}:database/threadvault_analytics, ${copied}`,
      `s3:GetObject on ${archive}/actors/*, ${archive}/digests/*, ${archive}/messages/*, ${archive}/threads/*`,
      `s3:GetBucketLocation, s3:ListBucket on ${archive}`,
      's3:AbortMultipartUpload, s3:DeleteObject, s3:GetObject, s3:ListMultipartUploadParts, s3:PutObject on AnalyticsCopyBucket.Arn/*',
      's3:AbortMultipartUpload, s3:GetObject, s3:ListMultipartUploadParts, s3:PutObject on Results.Arn/*',
      's3:GetBucketLocation, s3:ListBucket, s3:ListBucketMultipartUploads on AnalyticsCopyBucket.Arn, Results.Arn',
    ]);
  });

  it('may be used by Step Functions alone, and only the schedule may start a run', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role')) as [
      string,
      { Properties: { AssumeRolePolicyDocument: { Statement: { Principal: unknown }[] } } },
    ][];

    expect(
      roles.map(([id, { Properties }]) => [
        id.replace(/[0-9A-F]{8}$/, ''),
        Properties.AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal),
      ]),
    ).toEqual([
      ['AnalyticsCopyRole', [{ Service: 'states.amazonaws.com' }]],
      [expect.stringMatching(/^SchedulerRoleForTarget/), [{ Service: 'scheduler.amazonaws.com' }]],
    ]);
    const [, [scheduler]] = roles as [unknown, [string]];
    expect(permissionsOf(template, scheduler.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'states:StartExecution on AnalyticsCopyStateMachine',
    ]);
  });
});

describe('its alarms', () => {
  type Alarm = { Properties: Record<string, unknown> & { AlarmDescription: string } };
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm') as Record<string, Alarm>);

  it('tell of a run that has failed, and of none that has ended well for 18 hours', () => {
    expect(alarms.map(({ Properties }) => Properties)).toMatchObject([
      {
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 1,
        DatapointsToAlarm: 1,
        EvaluationPeriods: 72,
        TreatMissingData: 'notBreaching',
      },
      {
        MetricName: 'ExecutionsSucceeded',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        Period: 21_600,
        DatapointsToAlarm: 3,
        EvaluationPeriods: 3,
        TreatMissingData: 'breaching',
      },
    ]);
    const counted = JSON.stringify(alarms[0]!.Properties['Metrics']);
    expect(counted).toContain('"Expression":"failed + timedOut + aborted"');
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'])
      expect(counted).toContain(`"MetricName":"${metric}"`);
  });

  it('reach the topic of the archive, and name sections that the runbook has', () => {
    const headings = anchors(readDocument('docs/runbook.md'));

    for (const { Properties } of alarms) {
      expect((Properties['AlarmActions'] as unknown[]).map(readable)).toEqual(['Threadvault.AlarmTopicArn']);
      expect(headings).toContain(/#(.*)$/.exec(Properties.AlarmDescription)![1]);
    }
  });
});
