import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { DATABASE_NAME, TABLES } from '../../functions/archive/tables.ts';
import { trinoType, VIEWS } from '../../queries/views.ts';
import { archiveTwoAccounts } from '../support/two-accounts.ts';
import { sortedTexts } from './comparable.ts';
import { HIVE_CATALOG, trinoConnection } from './connection.ts';
import { definitionOf, putView, storedDefinition, viewsOfStack, withDefinition } from './stack-views.ts';
import { createAsk } from './trino.ts';

const { root } = trinoConnection();
const FOLDER = 'two_accounts';
const ask = createAsk(DATABASE_NAME);

const views = viewsOfStack(DATABASE_NAME);

beforeAll(async () => {
  await archiveTwoAccounts(path.join(root, FOLDER));
  await ask(`CREATE SCHEMA ${DATABASE_NAME}`);
  for (const name of ['messages', 'threads', 'actors', 'inboxes', 'channels', 'channel_accounts'] as const) {
    await makeTable(name);
  }
  for (const view of views) await putView(DATABASE_NAME, view);
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
    const made = await storedDefinition(DATABASE_NAME, `made_${name}`);

    const view = views.find((input) => input.Name === name)!;
    expect(definitionOf(view).columns).toEqual(made.columns);
  });
});

describe('a view of the stack with something wrong, on Trino', () => {
  const [view] = views;

  it('is stale when a column has another type', async () => {
    const columns = definitionOf(view!).columns.map(({ name }) => ({ name, type: 'bigint' }));
    await putView(DATABASE_NAME, { ...withDefinition(view!, { columns }), Name: 'mistyped' });

    await expect(ask('SELECT count(*) FROM mistyped')).rejects.toThrow(/^VIEW_IS_STALE/);
  });

  it('is not found when it has a description', async () => {
    await putView(DATABASE_NAME, { ...view!, Name: 'described', Description: 'Every message' });

    await expect(ask('SELECT count(*) FROM described')).rejects.toThrow(/^TABLE_NOT_FOUND/);
  });
});

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
