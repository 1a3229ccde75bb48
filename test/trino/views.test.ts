import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { DATABASE_NAME, TABLES } from '../../functions/archive/tables.ts';
import { trinoType, VIEWS } from '../../queries/views.ts';
import { createStack, readable } from '../cdk/synthesise.ts';
import { archiveTwoAccounts } from '../support/two-accounts.ts';
import { HIVE_CATALOG, trinoConnection } from './connection.ts';
import { createAsk } from './trino.ts';

const { root } = trinoConnection();
const FOLDER = 'two_accounts';
const ask = createAsk(DATABASE_NAME);

/** A view as CloudFormation gives it to Glue. */
type TableInput = {
  Name: string;
  TableType: string;
  Description?: string;
  Parameters: Record<string, string>;
  StorageDescriptor: { Columns: { Name: string; Type: string; Comment: string }[] };
  ViewOriginalText: string;
  ViewExpandedText: string;
};
type Definition = { originalSql: string; columns: { name: string; type: string }[] };

const views = viewsOfStack();

beforeAll(async () => {
  await archiveTwoAccounts(path.join(root, FOLDER));
  await ask(`CREATE SCHEMA ${DATABASE_NAME}`);
  for (const name of ['messages', 'threads', 'actors', 'inboxes', 'channels', 'channel_accounts'] as const) {
    await makeTable(name);
  }
  for (const view of views) await putView(view);
});

describe.each(VIEWS)('the view $name of the stack, on Trino', ({ name, sql }) => {
  it('gives what DuckDB gives, in every column, whatever database is chosen', async () => {
    const askElsewhere = createAsk('information_schema');

    const onTrino = await askElsewhere(`SELECT * FROM ${DATABASE_NAME}.${name}`);
    const onDuckDb = await askFolder(path.join(root, FOLDER), `SELECT * FROM ${name}`);

    expect(onTrino.columns.map((column) => column.name)).toEqual(onDuckDb.columns);
    expect(sortedTexts(onTrino.rows)).toEqual(sortedTexts(onDuckDb.rows));
    expect(onTrino.rows.length).toBeGreaterThan(3);
  });

  it('has the columns and types that Trino itself stores for that SQL', async () => {
    await ask(`CREATE VIEW made_${name} AS ${sql}`);
    const stored = await readFile(metastoreFile(`made_${name}`), 'utf8');
    const { viewOriginalText } = JSON.parse(stored) as { viewOriginalText: string };

    const view = views.find((input) => input.Name === name)!;
    expect(decode(view.ViewOriginalText).columns).toEqual(decode(viewOriginalText).columns);
  });
});

describe('a view of the stack with something wrong, on Trino', () => {
  const [view] = views;

  it('is stale when a column has another type', async () => {
    const definition = decode(view!.ViewOriginalText);
    const columns = definition.columns.map(({ name }) => ({ name, type: 'bigint' }));
    await putView({ ...view!, Name: 'mistyped', ViewOriginalText: encode({ ...definition, columns }) });

    await expect(ask('SELECT count(*) FROM mistyped')).rejects.toThrow(/^VIEW_IS_STALE/);
  });

  it('is not found when it has a description', async () => {
    await putView({ ...view!, Name: 'described', Description: 'Every message' });

    await expect(ask('SELECT count(*) FROM described')).rejects.toThrow(/^TABLE_NOT_FOUND/);
  });
});

function viewsOfStack(): TableInput[] {
  const tables = Template.fromStack(createStack().queryStack).findResources('AWS::Glue::Table');
  return Object.values(tables as Record<string, { Properties: { TableInput: TableInput } }>)
    .map(({ Properties: { TableInput: input } }) => input)
    .filter(({ TableType }) => TableType === 'VIRTUAL_VIEW')
    .map((input) => ({ ...input, ViewOriginalText: readable(input.ViewOriginalText) }));
}

/** A table over the archive, with the partitions that there are. */
async function makeTable(name: keyof typeof TABLES): Promise<void> {
  const { columns, partitions, prefix } = TABLES[name];
  await mkdir(path.join(root, FOLDER, prefix), { recursive: true });
  const typed = [
    ...Object.entries(columns).map(([column, type]) => `"${column}" ${trinoType(type)}`),
    ...partitions.map((partition) => `${partition} varchar`),
  ];
  const partitionedBy = partitions.map((partition) => `'${partition}'`).join(', ');
  await ask(
    `CREATE TABLE ${name} (${typed.join(', ')}) WITH (
       format = 'JSON', external_location = 'local:///${FOLDER}/${prefix}', partitioned_by = ARRAY[${partitionedBy}]
     )`,
  );
  await ask(`CALL ${HIVE_CATALOG}.system.sync_partition_metadata('${DATABASE_NAME}', '${name}', 'FULL')`);
}

/**
 * Puts a view into Trino's metastore, which is files, as its GlueConverter.java takes it from Glue: a description is the
 * comment (https://github.com/trinodb/trino, read November 2026).
 */
async function putView(view: TableInput): Promise<void> {
  const { Name, TableType, Description, Parameters, StorageDescriptor, ...text } = view;
  const stored = {
    writerVersion: '476',
    tableType: TableType,
    dataColumns: StorageDescriptor.Columns.map((column) => ({
      name: column.Name,
      type: column.Type,
      comment: column.Comment,
      properties: {},
    })),
    partitionColumns: [],
    parameters: { ...Parameters, ...(Description !== undefined && { comment: Description }) },
    originalStorageFormat: {},
    serdeParameters: {},
    viewOriginalText: text.ViewOriginalText,
    viewExpandedText: text.ViewExpandedText,
    columnStatistics: {},
  };
  const file = metastoreFile(Name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(stored));
}

function metastoreFile(name: string): string {
  return path.join(root, 'metastore', DATABASE_NAME, name, '.trinoSchema');
}

function decode(viewOriginalText: string): Definition {
  const encoded = /^\/\* Presto View: (\S+) \*\/$/.exec(viewOriginalText)?.[1] ?? '';
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as Definition;
}

function encode(definition: Definition): string {
  return `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`;
}

/** Rows as texts, in the order of these: with structs as lists, numbers as texts, and times without zeros at their end. */
function sortedTexts(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(alike(row))).sort();
}

function alike(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.000$/, '$1');
  if (typeof value !== 'object' || value === null) return value;
  return Object.values(value).map(alike);
}
