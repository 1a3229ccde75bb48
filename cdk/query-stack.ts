import { Aws, CfnOutput, Duration, Fn, Stack, Validations } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { DATABASE_NAME } from '../functions/archive/tables.ts';
import { COPY_DATABASE_NAME } from '../queries/analytics-copy.ts';
import { SAVED_QUERIES, sqlForAthena } from '../queries/saved-queries.ts';
import { TIME_DIGITS } from '../queries/views.ts';
import { AnalyticsCopy } from './analytics-copy.ts';
import { addArchiveTables } from './archive-tables.ts';
import type { Config } from './config.ts';
import { addViews } from './query-views.ts';
import { PRIVATE_BUCKET } from './private-bucket.ts';

/** Whoever has not fetched an answer within that time asks again. Nor is what was erased any longer in an answer. */
const KEEP_RESULTS = Duration.days(30);

const GIGABYTE = 1_000_000_000;

type WorkGroupSettings = {
  name: string;
  description: string;
  results: Bucket;
  /** A query that reads more is broken off. */
  bytesScannedCutoffPerQuery?: number;
};

/** What it is made from: the configuration, and the stack that has the archive. */
export type QueryStackProps = { config: Config; archive: Stack };

/**
 * SQL over the archive: Glue tables with partition projection, views over them, and an Athena workgroup with saved queries
 * and a bucket for its answers.
 *
 * A stack of its own: it holds nothing of the archive, may be left out, and is removed without touching the archive. The
 * database and the workgroup have names, since people write them into queries; so there can be one such stack in an
 * account and region. Who queries brings the permissions along: there is no role but that of the analytics copy.
 */
export class QueryStack extends Stack {
  constructor(scope: Construct, id: string, { config, archive }: QueryStackProps) {
    super(scope, id, { description: 'Threadvault: SQL over the archive, with Athena' });
    // By its output, which is there anyway, and not as an export: the archive's stack stays free to change.
    this.addStackDependency(archive);
    const bucket = Fn.getStackOutput(archive.stackName, 'ArchiveBucketName');
    const results = this.addResults();
    const workGroup = this.addWorkGroup('WorkGroup', {
      name: DATABASE_NAME,
      description: 'Queries over the archive of HubSpot conversations',
      results,
      bytesScannedCutoffPerQuery: config.athenaScanLimitGigabytes * GIGABYTE,
    });
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: DATABASE_NAME, description: 'HubSpot conversations, archived by Threadvault' },
    });
    const tables = addArchiveTables(this, { database, bucket, config });
    addViews(this, { database, databaseName: DATABASE_NAME, tables, timeDigits: TIME_DIGITS.text });
    for (const query of SAVED_QUERIES) {
      new CfnNamedQuery(this, `Query-${query.name}`, {
        name: query.name,
        description: query.description,
        database: database.ref,
        workGroup: workGroup.ref,
        queryString: sqlForAthena(query),
      });
    }

    new CfnOutput(this, 'DatabaseName', { value: database.ref, description: 'The tables over the archive' });
    new CfnOutput(this, 'WorkGroupName', { value: workGroup.ref, description: 'Choose it to query them' });
    new CfnOutput(this, 'ResultsBucketName', {
      value: results.bucketName,
      description: `Answers of the last ${KEEP_RESULTS.toDays()} days`,
    });
    if (config.analytics) this.addCopy({ archive, config, results });
  }

  /** Answers hold what the archive holds, so they are as private. No lock and no versions: each is gone in time. */
  private addResults(): Bucket {
    const bucket = new Bucket(this, 'Results', {
      ...PRIVATE_BUCKET,
      lifecycleRules: [{ expiration: KEEP_RESULTS, abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Athena and CloudTrail record who asked what; who read the archive is recorded as accessTrail says.',
    });
    return bucket;
  }

  /**
   * What its members can neither change nor pass by: the limit, where answers go, and that they are encrypted
   * (https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html, read November 2026).
   */
  private addWorkGroup(
    id: string,
    { name, description, results, ...limit }: WorkGroupSettings,
  ): CfnWorkGroup {
    return new CfnWorkGroup(this, id, {
      name,
      description,
      state: 'ENABLED',
      // With what it remembers of its queries, which the stack would otherwise not go without.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        ...limit,
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${results.bucketName}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
  }

  private addCopy({ archive, config, results }: { archive: Stack; config: Config; results: Bucket }): void {
    const workGroup = this.addWorkGroup('CopyWorkGroup', {
      name: COPY_DATABASE_NAME,
      // The limit is for people: what the copy reads is known, and a run that is broken off would be broken off each time.
      description: 'Upkeep of the analytics copy, without a limit',
      results,
    });
    const copy = new AnalyticsCopy(this, 'AnalyticsCopy', {
      config,
      archive: Fn.getStackOutput(archive.stackName, 'ArchiveBucketName'),
      workGroup: workGroup.ref,
      results,
      alarmTopicArn: Fn.getStackOutput(archive.stackName, 'AlarmTopicArn'),
    });
    new CfnOutput(this, 'CopyDatabaseName', {
      value: copy.database.ref,
      description: 'The same tables in few, large, columnar files',
    });
    new CfnOutput(this, 'CopyBucketName', { value: copy.bucket.bucketName, description: 'Those files' });
    new CfnOutput(this, 'CopyStateMachineArn', {
      value: copy.stateMachine.stateMachineArn,
      description: 'Has the copy follow the archive; every six hours by itself',
    });
  }
}
