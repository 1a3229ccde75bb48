import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { DATABASE_NAME, TABLES } from '../../functions/archive/tables.ts';
import { COPIED_TABLES, COPY_DATABASE_NAME } from '../../queries/analytics-copy.ts';
import { type CopyHome } from '../contract/analytics-copy.ts';
import { textOf } from '../support/duckdb-copy.ts';
import { ICEBERG_CATALOG, trinoConnection } from './connection.ts';
import { trinoTable } from './tables.ts';
import { createAsk } from './trino.ts';

/** Trino in Athena's place. */
export type TrinoCopyHome = CopyHome & {
  /** The schema of the copy, which has all tables that the database of the copy has. */
  copySchema: string;
  /** The data files of the copy's messages that are on the disk. */
  files: () => Promise<string[]>;
};

/**
 * Trino in Athena's place, over an archive in a folder below its root. Each folder has schemas of its own, called as the folder
 * is, and the statements of the stack are run with their names in the place of the databases'.
 */
export async function trinoCopyHome(folder: string): Promise<TrinoCopyHome> {
  const { root } = trinoConnection();
  const name = path.relative(root, folder);
  const schema = name.replaceAll('-', '_').toLowerCase();
  const copySchema = `${schema}_copy`;
  const ask = createAsk(schema);
  await ask(`CREATE SCHEMA ${schema}`);
  await ask(`CREATE SCHEMA ${copySchema}`);
  const archive = { name, portals: ['62515'], firstDay: '2026-01-01' };
  for (const [table, definition] of Object.entries(TABLES)) {
    // A table has to be over a folder that is there.
    await mkdir(path.join(folder, definition.prefix), { recursive: true });
    const isCopied = COPIED_TABLES.some((copied) => copied === table);
    const statement = trinoTable(table, definition, archive);
    await ask(statement.replace(`CREATE TABLE ${name}.`, `CREATE TABLE ${isCopied ? schema : copySchema}.`));
  }
  await ask(
    `CREATE TABLE ${copySchema}.digest_lines (line varchar) WITH (format = 'TEXTFILE', external_location = 'local:///${name}/digests/')`,
  );
  const run = async (statement: string) => {
    const said = inTrino(statement)
      .replaceAll(`${COPY_DATABASE_NAME}.`, `${copySchema}.`)
      .replaceAll(`${DATABASE_NAME}.`, `${schema}.`)
      .replaceAll('s3://archive/', `local:///${name}/`);
    const { columns, rows } = await ask(said);
    return [columns.map((column) => column.name), ...rows.map((row) => row.map(textOf))];
  };
  return {
    copySchema,
    engine: {
      run: async (statement) => {
        const [, table = ''] = /^VACUUM (.*)$/.exec(statement) ?? [];
        if (table === '') return await run(statement);
        await run(`ALTER TABLE ${table} EXECUTE expire_snapshots(retention_threshold => '0s')`);
        return await run(`ALTER TABLE ${table} EXECUTE remove_orphan_files(retention_threshold => '0s')`);
      },
      tables: async () => {
        const { rows } = await ask(`SHOW TABLES FROM ${copySchema}`);
        const there = COPIED_TABLES.filter((table) => rows.some(([name]) => name === table));
        const tables = new Map<string, string[]>();
        for (const table of there) {
          const columns = await ask(`SHOW COLUMNS FROM ${copySchema}.${table}`);
          tables.set(
            table,
            columns.rows.map(([column]) => String(column)),
          );
        }
        return tables;
      },
    },
    files: async () => {
      const { rows } = await ask(`SELECT "$path" FROM ${copySchema}.messages LIMIT 1`);
      const data = path.dirname(String(rows[0]?.[0]).replace(/^local:\/\/\//, `${root}/`));
      const names = await readdir(data.replace(/\/data\/.*$/, '/data'), { recursive: true });
      return names.filter((file) => file.endsWith('.parquet'));
    },
    // The schemas go with Trino's root.
    close: () => Promise.resolve(),
  };
}

/** What Athena has words of its own for: making an Iceberg table, and compacting one. */
function inTrino(statement: string): string {
  const [, table = ''] = /^OPTIMIZE (\S+) REWRITE DATA USING BIN_PACK$/.exec(statement) ?? [];
  if (table !== '') return `ALTER TABLE ${table} EXECUTE optimize`;
  const [, columns, partitions = ''] =
    /^CREATE TABLE (.*\n\)) PARTITIONED BY \((.*)\)\n/s.exec(statement) ?? [];
  if (columns === undefined) return statement;
  const types = columns
    .replaceAll(
      /array<struct<([^>]*)>>/g,
      (_, fields: string) => `array(row(${fields.replaceAll(':', ' ')}))`,
    )
    .replaceAll(/array<(\w+)>/g, 'array($1)')
    .replaceAll(/\bstring\b/g, 'varchar')
    .replaceAll(/\btimestamp\b/g, 'timestamp(6)')
    .replaceAll('`', '"')
    .replace('IF NOT EXISTS ', `IF NOT EXISTS ${ICEBERG_CATALOG}.`);
  const transforms = partitions
    .split(/, (?![^(]*\))/)
    .map((transform) => `'${transform.replace(/^truncate\((\d+), (\w+)\)$/, 'truncate($2, $1)')}'`);
  return `CREATE TABLE ${types} WITH (format = 'PARQUET', partitioning = ARRAY[${transforms.join(', ')}])`;
}
