import { type Projection, projectionProperties, type Table, TABLES } from '../../functions/archive/tables.ts';
import { trinoType } from '../../queries/views.ts';
import { type Archive } from './archives.ts';
import { type Ask } from './trino.ts';

/** What partition projection of a table over an archive has to know. */
export function projectionOf({ name, portals, firstDay }: Archive, { prefix }: Table): Projection {
  return { location: `local:///${name}/${prefix}`, portals, firstDay };
}

/**
 * The statement that makes one of the archive's tables in Trino, as the stack ThreadvaultQuery makes it in Glue: the JSON SerDe
 * is `format = 'JSON'`, and the properties of partition projection have names of Trino's
 * (https://trino.io/docs/476/connector/hive.html#partition-projection, read November 2026).
 */
export function trinoTable(name: string, table: Table, archive: Archive): string {
  const projection = projectionOf(archive, table);
  const columns = Object.entries(table.columns).map(([column, type]) => `"${column}" ${trinoType(type)}`);
  const partitions = table.partitions.map((partition) => {
    const properties = columnProperties(projectionProperties(table, projection), partition);
    return `"${partition}" varchar WITH (${properties.join(', ')})`;
  });
  const properties = [
    "format = 'JSON'",
    `external_location = '${projection.location}'`,
    `partitioned_by = ARRAY[${table.partitions.map(quoted).join(', ')}]`,
    'partition_projection_enabled = true',
    `partition_projection_location_template = ${quoted(projectionProperties(table, projection)['storage.location.template']!)}`,
  ];
  return `CREATE TABLE ${archive.name}.${name} (\n${[...columns, ...partitions].join(',\n')}\n) WITH (${properties.join(', ')})`;
}

/** Makes the schema of an archive, and every table in it. */
export async function makeTables(ask: Ask, archive: Archive): Promise<void> {
  await ask(`CREATE SCHEMA ${archive.name}`);
  for (const [name, table] of Object.entries(TABLES)) await ask(trinoTable(name, table, archive));
}

/** What Glue's `projection.dt.range` is, `partition_projection_range` is here; lists are arrays. */
function columnProperties(glue: Readonly<Record<string, string>>, partition: string): string[] {
  const prefix = `projection.${partition}.`;
  return Object.entries(glue)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => {
      const property = name.slice(prefix.length);
      return `partition_projection_${property} = ${trinoValue(property, value)}`;
    });
}

function trinoValue(property: string, value: string): string {
  if (property === 'type') return quoted(value.toUpperCase());
  if (property === 'format') return quoted(value);
  return `ARRAY[${value.split(',').map(quoted).join(', ')}]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
