import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type DuckDBConnection } from '@duckdb/node-api';
import { TABLES } from '../functions/archive/tables.ts';
import { duckDbFiles, duckDbView } from '../local/duckdb-views.ts';
import { type CopiedTable, type RecordTable } from '../queries/analytics-copy.ts';

/*
 * The analytics copy as DuckDB writes it: the same tables, columns and compression, divided and sorted alike. Athena's own can
 * only be measured in an account of AWS.
 */

const COPY_FOLDER = 'copy';

/** The statement that makes the view `messages` over the parts of an archive in a folder. */
export function partsView(folder: string): string {
  return duckDbView('messages', TABLES.messages, folder);
}

/** The files of a table's copy, as a pattern in quotes; the archive is in a folder, and the copy below it. */
export function copyFiles(folder: string, table: CopiedTable): string {
  return `'${folder}/${COPY_FOLDER}/${table}/**/*.parquet'`;
}

/** The statement that makes the view `messages` over the copy: the same columns. */
export function copyView(folder: string): string {
  const types = 'hive_types = {portal_id: VARCHAR, month: VARCHAR}';
  return `CREATE VIEW messages AS SELECT * EXCLUDE (month) FROM read_parquet(${copyFiles(folder, 'messages')}, ${types});`;
}

/** Writes the copy of records, in one file for each account, in the order of their ids. */
export async function copyRecords(
  duckDb: DuckDBConnection,
  folder: string,
  table: RecordTable,
): Promise<void> {
  await duckDb.run(duckDbView(table, TABLES[table], folder));
  const [id = ''] = Object.keys(TABLES[table].columns);
  for (const [portalId = ''] of await textsOf(duckDb, `SELECT DISTINCT portal_id FROM ${table}`)) {
    await writeFileOf(duckDb, {
      file: path.join(folder, COPY_FOLDER, table, `portal_id=${portalId}`, `${table}.parquet`),
      rows: `SELECT * EXCLUDE (portal_id) FROM ${table} WHERE portal_id = '${portalId}' ORDER BY ${id}`,
    });
  }
}

/**
 * Writes the copy of the messages, in one file for each account and month of `dt`, in the order of (dt, created_at,
 * message_id). A month after the other, so that one is sorted in memory and not a year.
 */
export async function copyMessages(duckDb: DuckDBConnection, folder: string): Promise<void> {
  await duckDb.run(partsView(folder));
  const months = await textsOf(
    duckDb,
    `SELECT DISTINCT regexp_extract(file, 'portal_id=([^/]+)', 1), regexp_extract(file, 'dt=([0-9]+-[0-9]+)', 1)
     FROM glob(${duckDbFiles(folder, TABLES.messages)}) ORDER BY ALL`,
  );
  for (const [portalId = '', month = ''] of months) {
    await writeFileOf(duckDb, {
      file: path.join(
        folder,
        COPY_FOLDER,
        'messages',
        `portal_id=${portalId}`,
        `month=${month}`,
        'messages.parquet',
      ),
      rows: `SELECT * EXCLUDE (portal_id) FROM messages WHERE portal_id = '${portalId}' AND substr(dt, 1, 7) = '${month}'
             ORDER BY dt, created_at, message_id`,
    });
  }
}

async function writeFileOf(
  duckDb: DuckDBConnection,
  { file, rows }: { file: string; rows: string },
): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  await duckDb.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
}

async function textsOf(duckDb: DuckDBConnection, sql: string): Promise<string[][]> {
  return (await duckDb.runAndReadAll(sql)).getRowsJson().map((row) => row.map(String));
}
