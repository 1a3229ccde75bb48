import { Aws, Duration, Validations } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DIGESTS_PREFIX } from '../functions/archive/layout.ts';
import { COPIED_TABLES, COPY_DATABASE_NAME, DIGEST_LINES } from '../queries/analytics-copy.ts';
import { TIME_DIGITS } from '../queries/views.ts';
import { addAlarm } from './alarm.ts';
import { addArchiveTables, TEXT_FILES } from './archive-tables.ts';
import type { Config } from './config.ts';
import { CopyRole } from './copy-role.ts';
import { copyDefinition, type Substitutions } from './copy-state-machine.ts';
import { PRIVATE_BUCKET } from './private-bucket.ts';
import { addViews } from './query-views.ts';

/**
 * From one run to the next. What was erased is in a digest within an hour, out of the tables with the next run, and out of
 * their files with the one after: 13 hours, and when a run fails 19.
 */
const EVERY = Duration.hours(6);
/** A run has ended before the next begins. */
const TIMEOUT = Duration.hours(5);

/** What is copied, and who is told when that fails. */
export type AnalyticsCopyProps = {
  config: Config;
  /** The archive's bucket, by its name. */
  archive: string;
  /** Athena's workgroup that the statements run in, and the bucket that it writes answers to. */
  workGroup: string;
  results: Bucket;
  /** Alarms are published to it. */
  alarmTopicArn: string;
};

/**
 * Messages, threads and actors once more, in Iceberg tables: few, large, columnar files, so that the bill and the wait do not
 * grow with the number of small ones. Athena itself keeps them, every six hours, as a state machine tells it. A database of its
 * own has them by the names of the archive's, and the other tables beside them, so a query runs in either.
 *
 * Its bucket is not locked: what is erased from the archive has to go from here too. Nothing is here that the archive has not.
 */
export class AnalyticsCopy extends Construct {
  readonly bucket: Bucket;
  readonly database: CfnDatabase;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: AnalyticsCopyProps) {
    super(scope, id);
    const { config, archive, workGroup, results, alarmTopicArn } = props;
    this.bucket = this.addBucket();
    this.database = this.addDatabase(archive, config);
    const places = { archive, copy: this.bucket, results, workGroup };
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      comment: 'Has the analytics copy follow the archive',
      definitionBody: DefinitionBody.fromString(JSON.stringify(copyDefinition(TIMEOUT.toSeconds()))),
      definitionSubstitutions: {
        Archive: archive,
        Copy: this.bucket.bucketName,
        WorkGroup: workGroup,
        Partition: Aws.PARTITION,
      } satisfies Substitutions,
      role: new CopyRole(this, 'Role', places),
    });
    for (const id of ['AwsSolutions-SF1', 'AwsSolutions-SF2']) {
      Validations.of(this.stateMachine).acknowledge({
        id,
        reason:
          'Step Functions keeps the history of each run for 90 days, and all that a run does is to call Athena.',
      });
    }
    new Schedule(this, 'Schedule', {
      description: 'Has the analytics copy follow the archive',
      schedule: ScheduleExpression.rate(EVERY),
      target: new StepFunctionsStartExecution(this.stateMachine, {}),
    });
    this.addAlarms(alarmTopicArn);
  }

  private addBucket(): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      ...PRIVATE_BUCKET,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Athena and CloudTrail record who asked what; the copy has nothing that the archive has not.',
    });
    return bucket;
  }

  /** The tables that are copied are not here: Athena makes them, since CloudFormation could not change them later. */
  private addDatabase(archive: string, config: Config): CfnDatabase {
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: COPY_DATABASE_NAME,
        description: 'The same conversations in few, large, columnar files, some hours behind',
      },
    });
    const isCopied = (name: string) => COPIED_TABLES.some((table) => table === name);
    const tables = addArchiveTables(this, { database, bucket: archive, config }, (name) => !isCopied(name));
    // They name tables that the first run makes, and are not asked before. All their times are of such tables.
    addViews(this, { database, databaseName: COPY_DATABASE_NAME, tables, timeDigits: TIME_DIGITS.iceberg });
    new CfnTable(this, 'DigestLines', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name: DIGEST_LINES,
        description: 'The digests, line by line: what the copy follows',
        tableType: 'EXTERNAL_TABLE',
        parameters: { EXTERNAL: 'TRUE' },
        storageDescriptor: {
          columns: [{ name: 'line', type: 'string', comment: 'A line of a file' }],
          location: `s3://${archive}/${DIGESTS_PREFIX}`,
          ...TEXT_FILES,
          // Its separator of columns is a control character, which JSON has none of.
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' },
        },
      },
    });
    return database;
  }

  private addAlarms(topicArn: string): void {
    const one = { period: Duration.minutes(5), statistic: 'Sum' };
    addAlarm(this, 'CopyFailing', {
      impact:
        'A run of the analytics copy has failed; the next one goes on from where the last good one ended.',
      metric: new MathExpression({
        expression: 'failed + timedOut + aborted',
        usingMetrics: {
          failed: this.stateMachine.metricFailed(one),
          timedOut: this.stateMachine.metricTimedOut(one),
          aborted: this.stateMachine.metricAborted(one),
        },
        period: one.period,
      }),
      threshold: 1,
      // Until the next run.
      periods: { of: EVERY.toMinutes() / one.period.toMinutes(), atLeast: 1 },
      topicArn,
    });
    addAlarm(this, 'CopyBehind', {
      impact:
        'No run of the analytics copy has ended well for 18 hours, so what was erased since is still in it.',
      metric: this.stateMachine.metricSucceeded({ period: EVERY, statistic: 'Sum' }),
      threshold: 1,
      below: true,
      periods: { of: 3, atLeast: 3 },
      topicArn,
    });
  }
}
