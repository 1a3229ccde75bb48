import { type Column } from '../../functions/archive/columns.ts';

type Columns = Readonly<Record<string, Column>>;

/** The type of a column as Hive and Athena write it. */
export function hiveType(column: Column): string {
  if ('type' in column) return column.type;
  const { arrayOf } = column;
  if (typeof arrayOf === 'string') return `array<${arrayOf}>`;
  const fields = Object.entries(arrayOf).map(([name, type]) => `${name}:${type}`);
  return `array<struct<${fields.join(',')}>>`;
}

const PROJECTIONS: Readonly<Record<string, readonly string[]>> = {
  portal_id: [`'projection.portal_id.type' = 'enum'`, `'projection.portal_id.values' = '62515'`],
  dt: [
    `'projection.dt.type' = 'date'`,
    `'projection.dt.format' = 'yyyy-MM-dd'`,
    `'projection.dt.range' = '2010-01-01,NOW+1DAY'`,
  ],
};

/** The statement that makes an Athena table over the files below `<name>/`. */
export function hiveTable(name: string, columns: Columns, partitions: readonly string[]): string {
  const path = partitions.map((partition) => `${partition}=\${${partition}}/`).join('');
  return [
    `CREATE EXTERNAL TABLE threadvault.${name} (`,
    Object.entries(columns)
      .map(([column, type]) => `  \`${column}\` ${hiveType(type)}`)
      .join(',\n'),
    ')',
    `PARTITIONED BY (${partitions.map((partition) => `\`${partition}\` string`).join(', ')})`,
    `ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'`,
    `LOCATION 's3://amzn-s3-demo-bucket/${name}/'`,
    'TBLPROPERTIES (',
    [
      `'projection.enabled' = 'true'`,
      ...partitions.flatMap((partition) => PROJECTIONS[partition] ?? []),
      `'storage.location.template' = 's3://amzn-s3-demo-bucket/${name}/${path}'`,
    ]
      .map((property) => `  ${property}`)
      .join(',\n'),
    ');',
  ].join('\n');
}

/** The statement that makes a DuckDB view over the files below `archive/<name>/`. */
export function duckDbView(
  name: string,
  files: string,
  columns: Columns,
  partitions: readonly string[],
): string {
  const types = partitions.map((partition) => `${partition}: VARCHAR`).join(', ');
  return [
    `CREATE VIEW ${name} AS`,
    `SELECT * FROM read_json('archive/${name}/${files}', hive_types = {${types}}, columns = {`,
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
