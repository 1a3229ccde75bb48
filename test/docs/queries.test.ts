import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../functions/archive/tables.ts';
import { archiveOneThread, eraseAnother } from '../support/one-thread.ts';
import { codeBlocks, readDocument, section } from './markdown.ts';

const DICTIONARY = readDocument('docs/data-dictionary.md');
const VIEWS = codeBlocks(section(DICTIONARY, '## DuckDB'), 'sql');
const [GAPS] = codeBlocks(section(DICTIONARY, '## Gaps'), 'sql');
const [REQUESTS, LOCKED] = codeBlocks(section(DICTIONARY, '## Erasures'), 'sql');
const [COMPLETENESS, ONE_THREAD, REMOVED, BY_MONTH, ...PEOPLE] = codeBlocks(
  section(DICTIONARY, '## Questions'),
  'sql',
);

let folder: string;
let duckDb: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-docs-'));
  await archiveOneThread(folder);
  await eraseAnother(folder);
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const view of VIEWS) await ask(view);
});
afterAll(async () => {
  duckDb.closeSync();
  await rm(folder, { recursive: true });
});

describe('the views of the data dictionary', () => {
  it.each([
    ['messages', 3],
    ['threads', 2],
    ['erasures', 1],
    ['holds', 1],
    ['actors', 3],
    ['inboxes', 3],
    ['channels', 4],
    ['channel_accounts', 6],
  ] as const)('%s has every column and partition, and reads what was archived', async (view, count) => {
    const { columns, partitions } = TABLES[view];
    const described = await ask(`DESCRIBE ${view}`);
    const rows = await ask(`SELECT * FROM ${view}`);

    expect(described.map(([name]) => name)).toEqual([...Object.keys(columns), ...partitions.toSorted()]);
    expect(rows).toHaveLength(count);
    expect(new Set(described.map(([, type]) => type))).not.toContain('JSON');
  });
});

describe('the questions of the data dictionary', () => {
  it('find nothing missing in an archive that is complete', async () => {
    expect(await ask(COMPLETENESS!)).toEqual([]);
  });

  it('find what is missing', async () => {
    await ask('CREATE TABLE kept AS SELECT * FROM messages');
    await ask("DELETE FROM kept WHERE message_id = 'm3'");

    const rows = await ask(COMPLETENESS!.replace('JOIN messages m', 'JOIN kept m'));

    expect(rows).toEqual([['62515', '6065362089', '3', '2']]);
  });

  it('show a thread from its first message to its last', async () => {
    const rows = await ask(ONE_THREAD!);

    expect(rows.map(([createdAt, , , , text]) => [createdAt, text])).toEqual([
      ['2026-01-31 10:00:00', 'text of m1'],
      ['2026-01-31 23:59:59.999', 'text of m2'],
      ['2026-02-01 00:00:00', 'text of m3'],
    ]);
  });

  it('show what HubSpot stopped returning', async () => {
    expect((await ask(REMOVED!)).map(([, messageId]) => messageId)).toEqual(['m3']);
  });

  it('count by month and channel', async () => {
    expect(await ask(BY_MONTH!)).toEqual([
      ['2026-01', '1002', '2', '1'],
      ['2026-02', '1002', '1', '1'],
    ]);
  });
});

describe('the questions about people and places', () => {
  it('name who wrote, as far as anybody knows, and where', async () => {
    const rows = await ask(PEOPLE[0]!);

    expect(rows.map(([, ...columns]) => columns)).toEqual([
      ['AGENT', 'Ruth Adeyemi', 'EMAIL', 'text of m1'],
      [null, 'A-3000001', 'EMAIL', 'text of m2'],
      ['SYSTEM', 'S-hubspot', 'EMAIL', 'text of m3'],
    ]);
  });

  it('count what agents wrote, and what is open where', async () => {
    expect(await ask(PEOPLE[1]!)).toEqual([['2026-01', 'Ruth Adeyemi', '1']]);
    expect(await ask(PEOPLE[2]!)).toEqual([['Sales', 'Ruth Adeyemi', '1']]);
    expect(PEOPLE).toHaveLength(3);
  });
});

describe('the query for gaps', () => {
  it('lists what the archive lacks', async () => {
    expect(await ask(GAPS!)).toEqual([
      ['62515', '6065362089', '2026-01-31', 'm1', null, 'original', 'not found', expect.any(String)],
    ]);
  });
});

describe('the queries for erasures', () => {
  it('say what was asked for, and what came of it', async () => {
    expect(await ask(REQUESTS!)).toEqual([
      [
        '62515',
        '6065362090',
        'erase',
        '2026-11-20 00:00:00',
        'locked',
        '2026-11-20 00:10:00',
        '2026-11-20 01:10:00',
        '0',
      ],
    ]);
  });

  it('list what is locked, and until when', async () => {
    expect(await ask(LOCKED!)).toEqual([
      ['62515', '6065362090', expect.stringMatching(/^attachments\//), null, '2027-01-01 00:00:00.000'],
    ]);
  });
});

describe('the query of the README', () => {
  it('reads a folder as it is', async () => {
    const [query] = codeBlocks(section(readDocument('README.md'), '## Query it'), 'sql');

    expect(await ask(query!)).toEqual([
      ['2026-02-01', '1', '1'],
      ['2026-01-31', '2', '1'],
    ]);
  });
});

/** The rows of an answer as texts; the documents' folder is the one of this test. */
async function ask(sql: string): Promise<(string | null)[][]> {
  const reader = await duckDb.runAndReadAll(sql.replaceAll("'archive/", `'${folder}/`));
  return reader.getRowsJson() as (string | null)[][];
}
