import { type Column } from '../functions/archive/columns/column.ts';
import { type Table } from '../functions/archive/tables.ts';

const DUCKDB_TYPES = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  bigint: 'BIGINT',
} as const;

/** The files of a table in a folder, as a pattern in quotes. The folder's name must hold none of `*`, `?` and `[`. */
export function duckDbFiles(folder: string, { prefix, extension }: Table): string {
  return `'${folder.replaceAll("'", "''")}/${prefix}**/*${extension}'`;
}

/**
 * The statement that makes a DuckDB view over the files of a table in a folder, of which there must be one. The types are
 * said, since DuckDB would guess an id to be a number.
 */
export function duckDbView(name: string, table: Table, folder: string): string {
  const types = table.partitions.map((partition) => `${partition}: VARCHAR`).join(', ');
  return [
    `CREATE VIEW ${name} AS`,
    `SELECT * FROM read_json(${duckDbFiles(folder, table)}, hive_types = {${types}}, columns = {`,
    columnsOf(table)
      .map(([column, type]) => `  ${column}: '${type}'`)
      .join(',\n'),
    '});',
  ].join('\n');
}

/** The statement that makes the same view where there is no file yet: no rows, the same columns. */
export function emptyDuckDbView(name: string, table: Table): string {
  // As read_json has them: partitions by their names, after the columns.
  const partitions = table.partitions.toSorted().map((partition) => [partition, 'VARCHAR'] as const);
  const columns = [...columnsOf(table), ...partitions].map(([column, type]) => `NULL::${type} AS ${column}`);
  return `CREATE VIEW ${name} AS SELECT ${columns.join(', ')} WHERE false;`;
}

function columnsOf({ columns }: Table): (readonly [name: string, type: string])[] {
  return Object.entries(columns).map(([name, column]) => [name, duckDbType(column)]);
}

function duckDbType(column: Column): string {
  if ('type' in column) return DUCKDB_TYPES[column.type];
  const { arrayOf } = column;
  if (typeof arrayOf === 'string') return `${DUCKDB_TYPES[arrayOf]}[]`;
  const fields = Object.entries(arrayOf).map(([name, type]) => `${name} ${DUCKDB_TYPES[type]}`);
  return `STRUCT(${fields.join(', ')})[]`;
}
