import { type Column } from '../../functions/archive/columns.ts';
import { hiveType, JSON_SERDE, projectionProperties, type Table } from '../../functions/archive/tables.ts';

/** The statement that makes an Athena table. */
export function hiveTable(name: string, table: Table): string {
  const location = `s3://amzn-s3-demo-bucket/${table.prefix}`;
  const properties = projectionProperties(table, { location, portals: ['62515'], firstDay: '2010-01-01' });
  return [
    `CREATE EXTERNAL TABLE threadvault.${name} (`,
    Object.entries(table.columns)
      .map(([column, type]) => `  \`${column}\` ${hiveType(type)}`)
      .join(',\n'),
    ')',
    `PARTITIONED BY (${table.partitions.map((partition) => `\`${partition}\` string`).join(', ')})`,
    `ROW FORMAT SERDE '${JSON_SERDE}'`,
    `LOCATION '${location}'`,
    'TBLPROPERTIES (',
    Object.entries(properties)
      .map(([name, value]) => `  '${name}' = '${value}'`)
      .join(',\n'),
    ');',
  ].join('\n');
}

/** The statement that makes a DuckDB view over the files of a table in the folder `archive`. */
export function duckDbView(name: string, { prefix, extension, columns, partitions }: Table): string {
  const types = partitions.map((partition) => `${partition}: VARCHAR`).join(', ');
  return [
    `CREATE VIEW ${name} AS`,
    `SELECT * FROM read_json('archive/${prefix}**/*${extension}', hive_types = {${types}}, columns = {`,
    Object.entries(columns)
      .map(([column, type]) => `  ${column}: '${duckDbType(type)}'`)
      .join(',\n'),
    '});',
  ].join('\n');
}

const DUCKDB_TYPES = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  bigint: 'BIGINT',
} as const;

function duckDbType(column: Column): string {
  if ('type' in column) return DUCKDB_TYPES[column.type];
  const { arrayOf } = column;
  if (typeof arrayOf === 'string') return `${DUCKDB_TYPES[arrayOf]}[]`;
  const fields = Object.entries(arrayOf).map(([name, type]) => `${name} ${DUCKDB_TYPES[type]}`);
  return `STRUCT(${fields.join(', ')})[]`;
}
