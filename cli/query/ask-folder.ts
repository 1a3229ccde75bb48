import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { TABLES } from '../../functions/archive/tables.ts';
import { ConfigError } from '../../functions/errors.ts';
import { duckDbFiles, duckDbView, emptyDuckDbView } from '../../local/duckdb-views.ts';
import { openFolderReader } from '../../local/folder-reader.ts';
import { VIEWS } from '../../queries/views.ts';
import { type Answer } from './answer.ts';

/**
 * What DuckDB answers about an archive in a folder. Each table is a view with its types; one without files is empty. Over them
 * are the views of queries/views/. A query that names a day reads the messages of that day alone.
 * @throws ConfigError when there is no such folder, its name is a pattern to DuckDB, or DuckDB refuses the query
 */
export async function askFolder(folder: string, sql: string): Promise<Answer> {
  await openFolderReader(folder);
  const root = path.resolve(folder);
  if (/[*?[]/.test(root))
    throw new ConfigError(`DuckDB cannot read a folder whose path has *, ? or [: ${root}`);
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  try {
    const duckDb = await instance.connect();
    await addTables(duckDb, root);
    await addNamedViews(duckDb, sql);
    const reader = await refusing(() => duckDb.runAndReadAll(sql));
    return { columns: reader.deduplicatedColumnNames(), rows: reader.getRowsJson() };
  } finally {
    instance.closeSync();
  }
}

async function addTables(duckDb: DuckDBConnection, root: string): Promise<void> {
  for (const [name, table] of Object.entries(TABLES)) {
    const found = await duckDb.runAndReadAll(`SELECT 1 FROM glob(${duckDbFiles(root, table)}) LIMIT 1`);
    await duckDb.run(
      found.currentRowCount === 0 ? emptyDuckDbView(name, table) : duckDbView(name, table, root),
    );
  }
}

/** DuckDB lists every file of the tables for each view over them: so only those are made that the query names. */
async function addNamedViews(duckDb: DuckDBConnection, query: string): Promise<void> {
  const asked = query.toLowerCase();
  for (const { name, sql } of VIEWS) {
    if (asked.includes(name)) await duckDb.run(`CREATE VIEW ${name} AS ${sql}`);
  }
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ConfigError(`DuckDB cannot answer: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
