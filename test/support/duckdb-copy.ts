import { type DuckDBConnection } from '@duckdb/node-api';
import { TABLES } from '../../functions/archive/tables.ts';
import { duckDbView } from '../../local/duckdb-views.ts';
import { COPIED_TABLES, COPY_DATABASE_NAME } from '../../queries/analytics-copy.ts';
import { type CopyEngine } from './copied-archive.ts';

/**
 * DuckDB in Athena's place: the tables of the archive are views over the folder with Athena's `$path`, those of the copy are
 * tables of its own. It has no small files, so nothing is compacted.
 */
export async function duckDbCopyEngine(duckDb: DuckDBConnection, folder: string): Promise<CopyEngine> {
  const path = `'s3://archive/' || substr(filename, ${folder.length + 2}) AS "$path"`;
  await duckDb.run(`CREATE SCHEMA threadvault; CREATE SCHEMA ${COPY_DATABASE_NAME};`);
  for (const name of COPIED_TABLES) {
    const files = duckDbView(`threadvault.files_of_${name}`, TABLES[name], folder);
    await duckDb.run(files.replace('hive_types', 'filename = true, hive_types'));
    await duckDb.run(
      `CREATE VIEW threadvault.${name} AS SELECT * EXCLUDE filename, ${path} FROM threadvault.files_of_${name}`,
    );
  }
  // Cut between two changes: DuckDB would copy a line for each object that is found in it.
  await duckDb.run(
    `CREATE VIEW ${COPY_DATABASE_NAME}.digest_lines AS SELECT unnest(string_split(content, '},{')) AS line, ${path} FROM read_text('${folder}/digests/*.json')`,
  );
  return {
    run: async (statement) => {
      if (/^(OPTIMIZE|VACUUM) /.test(statement)) return [];
      const reader = await duckDb.runAndReadAll(inDuckDb(statement));
      return [reader.columnNames(), ...reader.getRowsJson().map((row) => row.map(textOf))];
    },
    tables: async () => {
      const reader = await duckDb.runAndReadAll(
        `SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = '${COPY_DATABASE_NAME}' AND table_name <> 'digest_lines'`,
      );
      const tables = new Map<string, string[]>();
      for (const [table, column] of reader.getRows())
        tables.set(String(table), [...(tables.get(String(table)) ?? []), String(column)]);
      return tables;
    },
  };
}

/** What is written in other words: `CREATE TABLE`, which Athena takes in those of Hive, and a hash as text. */
function inDuckDb(statement: string): string {
  if (!statement.startsWith('CREATE TABLE'))
    return statement.replaceAll('lower(to_hex(sha256(to_utf8(actor_id))))', 'sha256(actor_id)');
  const [columns = ''] = /^.*?\n\)/s.exec(statement) ?? [];
  return columns.replaceAll('`', '"').replaceAll(/array<struct<([^>]*)>>|array<(\w+)>/g, structs);
}

function structs(_: string, fields: string | undefined, scalar: string): string {
  return fields === undefined ? `${scalar}[]` : `STRUCT(${fields.replaceAll(':', ' ')})[]`;
}

/** A value of an answer as text, arrays and structs as JSON; null is `null`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
