/**
 * One run of keeping the analytics copy, in the Amazon States Language. Pure: the tests run this very definition, with DuckDB
 * and Trino in Athena's place.
 *
 * Which days and records have changed is what the digests name, so nothing lists or reads the archive to find that out. Every
 * statement may run twice, and how far the copy is gets written last: a run that fails is gone on with by the next.
 */
import { DIGESTS_PREFIX } from '../functions/archive/layout.ts';
import { TABLES } from '../functions/archive/tables.ts';
import {
  changedDaysQuery,
  changedRecordsQuery,
  COPIED_TABLES,
  type CopiedTable,
  COPY_DATABASE_NAME,
  createStatement,
  dropStatement,
  mergeAllRecordsStatement,
  mergeDaysStatement,
  mergeRecordsStatement,
  optimizeStatement,
  type RecordTable,
  vacuumStatement,
} from '../queries/analytics-copy.ts';
import {
  call,
  choice,
  type Definition,
  literals,
  MORE_ROWS,
  page,
  QUERY,
  RETRY,
  RETRY_UNTIL_DONE,
  rows,
  sql,
  type State,
} from './states.ts';

/** What stands in the definition as `${name}`, for CloudFormation to fill in. */
export type Substitutions = {
  /** The archive's bucket, by its name. */
  Archive: string;
  /** The copy's. */
  Copy: string;
  /** Athena's workgroup, by its name. */
  WorkGroup: string;
  /** The partition of AWS, as in `arn:aws:…`. */
  Partition: string;
};

/** Key of the object that says up to which digest the copy follows the archive. */
export const PROGRESS_KEY = 'progress.txt';

/** Key prefix of the tables' files. VACUUM takes a folder, and no whole bucket. */
const COPY_TABLES_PREFIX = 'tables/';

/**
 * A run takes so many digests at a time, and writes down that it did. An answer may have 256 KiB; S3 lists a key in some 200
 * bytes.
 */
const DIGESTS_AT_A_TIME = 500;
/** One statement has so many days: Athena writes to 100 partitions at most, and a day is in one. */
const DAYS_AT_A_TIME = 60;
/** A statement may have 262,144 bytes, and each path of a record is in it twice. */
const RECORDS_AT_A_TIME = 300;

const NO_SUCH_KEY = 'S3.NoSuchKeyException';

const ARCHIVE = 's3://${Archive}/';

/** The definition. `timeoutSeconds` is less than from one run to the next, so that there is one at a time. */
export function copyDefinition(timeoutSeconds: number): Definition {
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'FindTables',
    TimeoutSeconds: timeoutSeconds,
    States: {
      ...begin(),
      ...findDigests(),
      ...copyDays('FindThreads'),
      ...copyRecords('threads', 'FindActors'),
      ...copyRecords('actors', 'SaveProgress'),
      ...finish(),
    },
  };
}

/**
 * Where the last run ended; from the first digest where a table is missing, since then it has to be filled. A table of a
 * release that had fewer columns is dropped before, and is missing then.
 */
function begin(): Record<string, State> {
  const nothing = { after: DIGESTS_PREFIX };
  // By their whole names: Glue does not say whether it wants the expression to match all of one, and views begin alike.
  const found = `$states.result.TableList[Name in ${JSON.stringify(COPIED_TABLES)}]`;
  const wanted = Object.fromEntries(COPIED_TABLES.map((name) => [name, Object.keys(TABLES[name].columns)]));
  const lacking = `$lookup($wanted, $table.Name)[$not($ in $table.StorageDescriptor.Columns.Name)]`;
  const outdated = `${found}[($table := $; $exists(${lacking}))].Name`;
  return {
    FindTables: call('aws-sdk:glue:getTables', {
      arguments: { DatabaseName: COPY_DATABASE_NAME, Expression: COPIED_TABLES.join('|') },
      assign: {
        tables: `{% $count(${found}) %}`,
        // One of them, since each is looked for anew.
        outdated: `{% ($wanted := ${JSON.stringify(wanted)}; $names := ${outdated}; $exists($names) ? $names[0] : "") %}`,
      },
      next: 'IsATableOutdated',
    }),
    IsATableOutdated: choice('{% $outdated != "" %}', 'DropTable', 'AreThereTables'),
    DropTable: sql(dropStatement(':outdated'), { given: ['outdated'], next: 'FindTables' }),
    AreThereTables: choice(`{% $tables = ${COPIED_TABLES.length} %}`, 'ReadProgress', 'CreateMessages'),
    ...chain('Create', (table) => createStatement(table, tableLocation(table)), 'BeginAnew'),
    BeginAnew: { Type: 'Pass', Assign: nothing, Next: 'ListDigests' },
    ReadProgress: {
      ...call('aws-sdk:s3:getObject', {
        arguments: { Bucket: '${Copy}', Key: PROGRESS_KEY },
        assign: { after: '{% $match($states.result.Body, /digests\\/[0-9]{12}[.]json/).match %}' },
        next: 'ListDigests',
      }),
      // It is not there before the first run has ended, however often one asks.
      Retry: [{ ErrorEquals: [NO_SUCH_KEY], MaxAttempts: 0 }, ...RETRY],
      Catch: [{ ErrorEquals: [NO_SUCH_KEY], Assign: nothing, Next: 'ListDigests' }],
    },
  };
}

function findDigests(): Record<string, State> {
  const contents = '$states.result.Contents';
  return {
    ListDigests: call('aws-sdk:s3:listObjectsV2', {
      arguments: {
        Bucket: '${Archive}',
        // A sequence number has twelve digits, so that no key of another kind is found.
        Prefix: `${DIGESTS_PREFIX}0`,
        StartAfter: '{% $after %}',
        MaxKeys: DIGESTS_AT_A_TIME,
      },
      assign: {
        last: `{% $count(${contents}) = 0 ? $after : ${contents}[-1].Key %}`,
        more: '{% $states.result.IsTruncated = true %}',
      },
      next: 'AreThereDigests',
    }),
    AreThereDigests: choice('{% $last = $after %}', 'VacuumMessages', 'FindDays'),
  };
}

function copyDays(next: string): Record<string, State> {
  const found = rows('portal_id');
  return {
    FindDays: sql(changedDaysQuery(ARCHIVE), { given: ['after', 'last'], assign: QUERY, next: 'ReadDays' }),
    ReadDays: page(DAYS_AT_A_TIME, {
      assign: { rows: `{% $count(${found}) %}`, portals: literals(found, 0), days: literals(found, 1) },
      next: 'AreThereDays',
    }),
    AreThereDays: choice('{% $rows = 0 %}', next, 'MergeDays'),
    MergeDays: sql(mergeDaysStatement(), { given: ['portals', 'days'], next: 'AreThereMoreDays' }),
    AreThereMoreDays: choice(MORE_ROWS, 'ReadDays', next),
  };
}

function copyRecords(table: RecordTable, next: string): Record<string, State> {
  const found = rows('portal_id');
  const path = `"'${ARCHIVE}${TABLES[table].prefix}portal_id=" & Data[0].VarCharValue & "/" & Data[1].VarCharValue & ".json'"`;
  const name = capitalised(table);
  return {
    [`Find${name}`]: sql(changedRecordsQuery(table, ARCHIVE), {
      given: ['after', 'last'],
      assign: QUERY,
      next: `Read${name}`,
    }),
    [`Read${name}`]: page(RECORDS_AT_A_TIME, {
      assign: {
        rows: `{% $count(${found}) %}`,
        // Every record of some account: then all records of the accounts on the page are read.
        all: `{% $count(${found}[Data[1].VarCharValue = '*']) > 0 %}`,
        portals: literals(found, 0),
        paths: `{% $join([${found}.(${path})], ",") %}`,
      },
      next: `AreThere${name}`,
    }),
    [`AreThere${name}`]: choice('{% $rows = 0 %}', next, `AreThereMany${name}`),
    [`AreThereMany${name}`]: choice('{% $all %}', `MergeAll${name}`, `Merge${name}`),
    [`Merge${name}`]: sql(mergeRecordsStatement(table, ARCHIVE), {
      given: ['portals', 'paths'],
      next: `AreThereMore${name}`,
    }),
    [`MergeAll${name}`]: sql(mergeAllRecordsStatement(table), {
      given: ['portals'],
      next: `AreThereMore${name}`,
    }),
    [`AreThereMore${name}`]: choice(MORE_ROWS, `Read${name}`, next),
  };
}

function finish(): Record<string, State> {
  return {
    SaveProgress: call('aws-sdk:s3:putObject', {
      arguments: { Bucket: '${Copy}', Key: PROGRESS_KEY, Body: '{% $last %}' },
      assign: { after: '{% $last %}' },
      next: 'AreThereMoreDigests',
    }),
    AreThereMoreDigests: choice('{% $more %}', 'ListDigests', 'OptimizeMessages'),
    ...chain('Optimize', optimizeStatement, 'VacuumMessages', RETRY_UNTIL_DONE),
    // In every run: what an earlier one replaced is old enough only now.
    ...chain('Vacuum', vacuumStatement, 'Done', RETRY_UNTIL_DONE),
    Done: { Type: 'Succeed' },
  };
}

/** One statement for each table, one after the other. */
function chain(
  verb: string,
  statement: (table: CopiedTable) => string,
  next: string,
  retry: readonly object[] = RETRY,
): Record<string, State> {
  const nameOf = (table: CopiedTable) => `${verb}${capitalised(table)}`;
  const states = COPIED_TABLES.map((table, i) => {
    const following = COPIED_TABLES[i + 1];
    const state = sql(statement(table), { next: following === undefined ? next : nameOf(following) });
    return [nameOf(table), { ...state, Retry: retry }] as const;
  });
  return Object.fromEntries(states);
}

function tableLocation(table: CopiedTable): string {
  return `s3://\${Copy}/${COPY_TABLES_PREFIX}${table}/`;
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
