import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { MESSAGE_COLUMNS, THREAD_COLUMNS } from '../../functions/archive/columns.ts';
import { UnobtainableError } from '../../functions/errors.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { fakeConversations, hubSpotMessage, THREAD } from '../support/conversation.ts';
import { codeBlocks, readDocument, section } from './markdown.ts';

const DICTIONARY = readDocument('docs/data-dictionary.md');
const VIEWS = codeBlocks(section(DICTIONARY, '## DuckDB'), 'sql');
const [GAPS] = codeBlocks(section(DICTIONARY, '## Gaps'), 'sql');
const [COMPLETENESS, ONE_THREAD, REMOVED, BY_MONTH] = codeBlocks(section(DICTIONARY, '## Questions'), 'sql');

let folder: string;
let duckDb: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-docs-'));
  await archiveOneThread();
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const view of VIEWS) await ask(view);
});
afterAll(async () => {
  duckDb.closeSync();
  await rm(folder, { recursive: true });
});

describe('the views of the data dictionary', () => {
  it.each([
    ['messages', MESSAGE_COLUMNS, ['dt', 'portal_id']],
    ['threads', THREAD_COLUMNS, ['portal_id']],
  ])('%s has every column and partition, and reads what was archived', async (view, columns, partitions) => {
    const described = await ask(`DESCRIBE ${view}`);
    const rows = await ask(`SELECT * FROM ${view}`);

    expect(described.map(([name]) => name)).toEqual([...Object.keys(columns), ...partitions]);
    expect(rows).toHaveLength(view === 'messages' ? 3 : 1);
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

describe('the query for gaps', () => {
  it('lists what the archive lacks', async () => {
    expect(await ask(GAPS!)).toEqual([
      ['62515', '6065362089', '2026-01-31', 'm1', null, 'original', 'not found', expect.any(String)],
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

const noOriginal = () => Promise.reject(new UnobtainableError('not found', 'HubSpot has no original'));

/** Three messages on two days: the first is listed cut, the last is taken back. */
async function archiveOneThread(): Promise<void> {
  const hubSpot = fakeConversations(
    ['2026-01-31T10:00:00Z', '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z'].map((createdAt, i) =>
      hubSpotMessage(`m${i + 1}`, createdAt, {
        channelId: '1002',
        ...(i === 0 && { truncationStatus: 'TRUNCATED' }),
      }),
    ),
  );
  const store = await openFolderStore(folder);
  const captureThread = createCaptureThread({
    conversations: hubSpot.conversations,
    apiVersion: 'v3',
    store,
    sources: { getOriginal: noOriginal, files: undefined },
    settlingMs: 0,
  });
  const capture = () =>
    captureThread({
      ...THREAD,
      announced: { messageIds: ['m9'], occurredAt: 0, firstTry: true },
      requestId: 'r',
    });
  await capture();
  hubSpot.state.messages.pop();
  await capture();
  await store.close();
}

/** The rows of an answer as texts; the documents' folder is the one of this test. */
async function ask(sql: string): Promise<(string | null)[][]> {
  const reader = await duckDb.runAndReadAll(sql.replaceAll("'archive/", `'${folder}/`));
  return reader.getRowsJson() as (string | null)[][];
}
