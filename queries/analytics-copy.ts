/*
 * The statements that keep the analytics copy: the archive's messages, threads and actors once more, in Iceberg tables, whose
 * files are few, large and columnar. Athena runs them, in the order that cdk/copy-state-machine.ts says. Those that read the
 * archive run on Trino and DuckDB as well, where the tests try them. `:name` stands for what is known only when they run.
 */
import { PLAIN_ACTOR_ID } from '../functions/archive/layout.ts';
import { DATABASE_NAME, hiveType, TABLES } from '../functions/archive/tables.ts';

/** The name of the database that the copy is in. Its tables have the names that they have in the archive's. */
export const COPY_DATABASE_NAME = 'threadvault_analytics';

/** The table in it whose rows are the lines of the digests, which say what was written to the archive. */
export const DIGEST_LINES = 'digest_lines';

/** When more records of an account have changed, all of them are read, and not those one by one. */
const MAX_CHANGED_RECORDS = 3_000;

// As actorKey of functions/archive/layout.ts has it: an id that may be somebody's address is in the key as its SHA-256.
const ACTOR_NAME = `CASE WHEN coalesce(regexp_extract(actor_id, '${PLAIN_ACTOR_ID.source}'), '') = actor_id THEN actor_id ELSE lower(to_hex(sha256(to_utf8(actor_id)))) END`;

/** What the tables are divided by, what tells their rows from each other, and of records the name of the object. */
const COPIES = {
  // By month and not by day: a file a day would be small again. Messages of a day are found by the files' statistics.
  messages: {
    partitions: 'portal_id, truncate(7, dt)',
    key: ['portal_id', 'dt', 'thread_id', 'message_id'],
  },
  threads: { partitions: 'portal_id', key: ['portal_id', 'thread_id'], record: 'thread_id' },
  actors: { partitions: 'portal_id', key: ['portal_id', 'actor_id'], record: ACTOR_NAME },
} as const;

/** A table that is copied. */
export type CopiedTable = keyof typeof COPIES;
/** A table whose rows are objects of their own, without a day. */
export type RecordTable = 'threads' | 'actors';
/** The tables that are copied. */
export const COPIED_TABLES: readonly CopiedTable[] = ['messages', 'threads', 'actors'];

/**
 * How long a state of the tables is kept after it was replaced, in seconds. Longer than Athena lets a query run
 * (30 minutes: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html, read November 2026), so that no file is taken
 * from under one, and shorter than from one run to the next, so that what was erased is gone with the next.
 */
const KEEP_STATES_SECONDS = 4 * 60 * 60;

/**
 * Makes a table of the copy where there is none. A data file is written anew as soon as one file of deleted rows is attached
 * to it, since what was erased is in it until then
 * (https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html, read November 2026).
 */
export function createStatement(table: CopiedTable, location: string): string {
  const columns = columnsOf(table).map(({ name, type }) => `  \`${name}\` ${type}`);
  const properties = {
    table_type: 'ICEBERG',
    format: 'parquet',
    write_compression: 'zstd',
    optimize_rewrite_delete_file_threshold: '1',
    vacuum_max_snapshot_age_seconds: String(KEEP_STATES_SECONDS),
  };
  return [
    `CREATE TABLE IF NOT EXISTS ${COPY_DATABASE_NAME}.${table} (`,
    columns.join(',\n'),
    `) PARTITIONED BY (${COPIES[table].partitions})`,
    `LOCATION '${location}'`,
    `TBLPROPERTIES (${Object.entries(properties)
      .map(([name, value]) => `'${name}' = '${value}'`)
      .join(', ')})`,
  ].join('\n');
}

/**
 * Takes a table of the copy away, and its files with it, as Athena does with Iceberg tables
 * (https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html, read November 2026).
 */
export function dropStatement(table: string): string {
  return `DROP TABLE IF EXISTS ${COPY_DATABASE_NAME}.${table}`;
}

/**
 * Which days of messages have changed, by the digests after `:after` up to `:last` (keys): account and UTC day. `archive` is
 * where the archive is, `s3://<bucket>/`. A digest names every object that was written or erased; only their keys are looked
 * at, as they stand in its text.
 */
export function changedDaysQuery(archive: string): string {
  const key = `${TABLES.messages.prefix}portal_id=([A-Za-z0-9_-]+)/dt=([0-9-]{10})/`;
  return `SELECT DISTINCT regexp_extract(object, '${key}', 1) AS portal_id, regexp_extract(object, '${key}', 2) AS dt
${changedObjects(archive, key)}
ORDER BY 1, 2`;
}

/**
 * Which records have changed, by the same digests: account and name of the object, without `.json`. Of an account with very
 * many there is one row, with `*` for all.
 */
export function changedRecordsQuery(table: RecordTable, archive: string): string {
  const key = `${TABLES[table].prefix}portal_id=([A-Za-z0-9_-]+)/([A-Za-z0-9_-]+)[.]json`;
  return `WITH changed AS (
SELECT DISTINCT regexp_extract(object, '${key}', 1) AS portal_id, regexp_extract(object, '${key}', 2) AS name
${changedObjects(archive, key)}
), counted AS (
SELECT portal_id, name, count(*) OVER (PARTITION BY portal_id) AS records FROM changed
)
SELECT DISTINCT portal_id, CASE WHEN records > ${MAX_CHANGED_RECORDS} THEN '*' ELSE name END AS name
FROM counted
ORDER BY 1, 2`;
}

function changedObjects(archive: string, key: string): string {
  return `FROM ${COPY_DATABASE_NAME}.${DIGEST_LINES}
CROSS JOIN UNNEST(regexp_extract_all(line, '${key}')) AS found (object)
WHERE "$path" > '${archive}:after' AND "$path" <= '${archive}:last'`;
}

/** Has the copy of some days of messages say what the archive says: `:portals` and `:days` are lists of literals. */
export function mergeDaysStatement(): string {
  const days = 'portal_id IN (:portals) AND dt IN (:days)';
  return mergeStatement('messages', {
    ofArchive: days,
    ofCopy: days,
    alsoOfCopy: 'c.portal_id IN (:portals) AND c.dt IN (:days)',
  });
}

/**
 * The same for records: `:paths` is a list of literals, where they are in the archive. Only those files are opened.
 */
export function mergeRecordsStatement(table: RecordTable, archive: string): string {
  const { prefix } = TABLES[table];
  const path = `concat('${archive}${prefix}portal_id=', portal_id, '/', ${COPIES[table].record}, '.json')`;
  return mergeStatement(table, {
    ofArchive: `portal_id IN (:portals) AND "$path" IN (:paths)`,
    ofCopy: `portal_id IN (:portals) AND ${path} IN (:paths)`,
    alsoOfCopy: 'c.portal_id IN (:portals)',
  });
}

/** The same for all records of some accounts. */
export function mergeAllRecordsStatement(table: RecordTable): string {
  const portals = 'portal_id IN (:portals)';
  return mergeStatement(table, { ofArchive: portals, ofCopy: portals, alsoOfCopy: `c.${portals}` });
}

/** Few large files from many small ones, without the rows that were deleted. */
export function optimizeStatement(table: CopiedTable): string {
  return `OPTIMIZE ${COPY_DATABASE_NAME}.${table} REWRITE DATA USING BIN_PACK`;
}

/** Deletes the files of states that were replaced long enough ago. */
export function vacuumStatement(table: CopiedTable): string {
  return `VACUUM ${COPY_DATABASE_NAME}.${table}`;
}

type Filters = {
  /** Which rows of the archive. */
  ofArchive: string;
  /** The same rows of the copy. */
  ofCopy: string;
  /** What all of them have in common, for the engine to read no other files; the copy is `c`. */
  alsoOfCopy: string;
};

/**
 * One statement and so one step: a reader sees all of it or nothing. A row that the archive has no more is deleted, one that
 * is the same is left alone, so to run it again changes nothing.
 */
function mergeStatement(table: CopiedTable, { ofArchive, ofCopy, alsoOfCopy }: Filters): string {
  const { key } = COPIES[table];
  const columns = columnsOf(table).map(({ name }) => name);
  const values = columns.filter((name) => !key.some((part) => part === name));
  const keyed = (left: string, right: string) =>
    key.map((name) => `${left}.${name} = ${right}.${name}`).join(' AND ');
  const copied = `${COPY_DATABASE_NAME}.${table}`;
  return `MERGE INTO ${copied} AS c
USING (
SELECT ${key.map((name) => `coalesce(a.${name}, b.${name}) AS ${name}`).join(', ')},
a.portal_id IS NULL AS gone,
${values.map((name) => `a."${name}"`).join(', ')}
FROM (SELECT ${list(columns)} FROM ${DATABASE_NAME}.${table} WHERE ${ofArchive}) AS a
FULL OUTER JOIN (SELECT ${key.join(', ')} FROM ${copied} WHERE ${ofCopy}) AS b ON ${keyed('a', 'b')}
) AS s
ON ${keyed('c', 's')} AND ${alsoOfCopy}
WHEN MATCHED AND s.gone THEN DELETE
WHEN MATCHED AND (${values.map((name) => `c."${name}" IS DISTINCT FROM s."${name}"`).join(' OR ')})
THEN UPDATE SET ${values.map((name) => `"${name}" = s."${name}"`).join(', ')}
WHEN NOT MATCHED THEN INSERT (${list(columns)})
VALUES (${columns.map((name) => `s."${name}"`).join(', ')})`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** The columns of a table of the copy, with Hive's types: those by which the archive's is divided come first. */
function columnsOf(table: CopiedTable): { name: string; type: string }[] {
  const { partitions, columns } = TABLES[table];
  return [
    ...partitions.map((name) => ({ name, type: 'string' })),
    ...Object.entries(columns).map(([name, column]) => ({ name, type: hiveType(column) })),
  ];
}
