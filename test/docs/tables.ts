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
