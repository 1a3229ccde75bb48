import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type DuckDBConnection } from '@duckdb/node-api';
import { TABLES } from '../functions/archive/tables.ts';
import { duckDbView } from '../local/duckdb-views.ts';

const COPY_FOLDER = 'copy';

/** The statement that makes the view `messages` over the parts of an archive in a folder. */
export function partsView(folder: string): string {
  const { messages } = TABLES;
  if (messages === undefined) throw new TypeError('there is no table messages');
  return duckDbView('messages', messages, folder);
}

/** The files of the copy of an archive in a folder, as a pattern in quotes. */
export function copyFiles(folder: string): string {
  return `'${folder}/${COPY_FOLDER}/**/*.parquet'`;
}

/** The statement that makes the view `messages` over the copy: the same columns. */
export function copyView(folder: string): string {
  const types = 'hive_types = {portal_id: VARCHAR, month: VARCHAR}';
  return `CREATE VIEW messages AS SELECT * EXCLUDE (month) FROM read_parquet(${copyFiles(folder)}, ${types});`;
}

/**
 * Writes what a compacted table of the messages would hold into the archive's folder: the same columns as Parquet with zstd, a
 * file for each account and month of `dt`, in the order of (dt, created_at, message_id). A month after the other, so that
 * one is sorted in memory and not a year.
 */
export async function writeCopy(duckDb: DuckDBConnection, folder: string): Promise<void> {
  await duckDb.run(partsView(folder));
  const months = await duckDb.runAndReadAll(
    `SELECT DISTINCT portal_id, substr(dt, 1, 7) FROM (
       SELECT regexp_extract(file, 'portal_id=([^/]+)', 1) AS portal_id, regexp_extract(file, 'dt=([^/]+)', 1) AS dt
       FROM glob('${folder}/messages/**/*.json.gz')) ORDER BY ALL`,
  );
  for (const [portalId, month] of months.getRowsJson().map((row) => row.map(String))) {
    const file = path.join(
      folder,
      COPY_FOLDER,
      `portal_id=${portalId}`,
      `month=${month}`,
      'messages.parquet',
    );
    mkdirSync(path.dirname(file), { recursive: true });
    await duckDb.run(
      `COPY (SELECT * EXCLUDE (portal_id) FROM messages WHERE portal_id = '${portalId}' AND substr(dt, 1, 7) = '${month}'
             ORDER BY dt, created_at, message_id) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  }
}
