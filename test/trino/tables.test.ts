import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { hiveType, projectionProperties, type Table, TABLES } from '../../functions/archive/tables.ts';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { trinoType } from '../../queries/views.ts';
import { AWKWARD_MESSAGES, AWKWARD_THREAD, DEMO } from './archives.ts';
import { comparable, sortedTexts } from './comparable.ts';
import { trinoConnection } from './connection.ts';
import { projectionOf } from './tables.ts';
import { createAsk } from './trino.ts';

const { root } = trinoConnection();
const folder = path.join(root, DEMO.name);
const ask = createAsk(DEMO.name);
const tables = Object.entries(TABLES);

/** What Trino's metastore, a folder, keeps of a table. */
const storedTableSchema = z.looseObject({
  dataColumns: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  partitionColumns: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  parameters: z.record(z.string(), z.string()),
  storageFormat: z.string(),
});

const columnsOf = ({ columns, partitions }: Table) => [...Object.keys(columns), ...partitions];
const select = (name: string, table: Table) =>
  `SELECT ${columnsOf(table)
    .map((column) => `"${column}"`)
    .join(', ')} FROM ${name}`;

describe.each(tables)('the table %s on Trino', (name, table) => {
  it('is the one that the stack makes in Glue: types, partitions, projection, SerDe', async () => {
    const file = path.join(root, 'metastore', DEMO.name, name, '.trinoSchema');
    const stored = storedTableSchema.parse(JSON.parse(await readFile(file, 'utf8')));

    expect(stored.dataColumns.map((column) => [column.name, column.type])).toEqual(
      Object.entries(table.columns).map(([column, type]) => [column, hiveType(type)]),
    );
    expect(stored.partitionColumns.map((column) => [column.name, column.type])).toEqual(
      table.partitions.map((partition) => [partition, 'string']),
    );
    expect(stored.parameters).toMatchObject(projectionProperties(table, projectionOf(DEMO, table)));
    expect(stored.storageFormat).toBe('JSON');
  });

  it('has the types that its columns are meant to have', async () => {
    const { columns } = await ask(`${select(name, table)} WHERE portal_id = 'none'`);

    expect(columns.map(({ type }) => type)).toEqual([
      ...Object.values(table.columns).map((column) =>
        trinoType(column).replaceAll('"', '').replaceAll(',', ', '),
      ),
      ...table.partitions.map(() => 'varchar'),
    ]);
  });

  it('has the rows that DuckDB reads, in every column', async () => {
    const onTrino = sortedTexts((await ask(select(name, table))).rows);
    const onDuckDb = sortedTexts((await askFolder(folder, select(name, table))).rows);

    expect(onDuckDb.length).toBeGreaterThan(0);
    expect(onTrino.length).toBe(onDuckDb.length);
    expect(onTrino.filter((row, i) => row !== onDuckDb[i]).slice(0, 3)).toEqual([]);
  });
});

describe('what an engine may trip over, on Trino', () => {
  const ofThread = `portal_id = '${AWKWARD_THREAD.portalId}' AND thread_id = '${AWKWARD_THREAD.threadId}'`;

  it('comes back as HubSpot sent it', async () => {
    const { rows } = await ask(`SELECT raw FROM messages WHERE ${ofThread} ORDER BY created_at`);

    expect(rows).toEqual(AWKWARD_MESSAGES.map(({ raw }) => [raw]));
  });

  it('is typed: milliseconds, characters beyond one plane, empty and absent texts, rows in arrays', async () => {
    const { rows } = await ask(
      `SELECT dt, created_at, updated_at, text, rich_text, subject, archived, senders, element_at(attachments, 1).file_id, cardinality(recipients)
       FROM messages WHERE ${ofThread} ORDER BY created_at`,
    );

    expect(rows.map(comparable)).toEqual([
      [
        '2026-03-01',
        '2026-03-01 23:59:59.999',
        null,
        'Zoë 👩‍👩‍👧 שלום "quoted" C:\\temp\nnext\ttab , {"a": [1]}',
        '',
        null,
        true,
        [
          ['V-1', 'Ana "A" Ó', null, 'HS_EMAIL_ADDRESS', 'a@example.com'],
          [null, null, null, null, null],
        ],
        '90071992547409931',
        '0',
      ],
      ['2026-03-02', '2026-03-02 00:00:00.001', null, null, null, null, null, [], null, '0'],
    ]);
  });
});
