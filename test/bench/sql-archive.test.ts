import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyView, copyMessages } from '../../bench/parquet-copy.ts';
import { writeProse } from '../../bench/prose.ts';
import { generateParts } from '../../bench/sql-archive.ts';
import { decodePart } from '../../functions/archive/part.ts';
import { parsePartKey } from '../../functions/archive/layout.ts';
import { createRandom } from '../../local/simulated-hubspot/random.ts';

const MESSAGES = 8_000;

let folder: string;
let duckDb: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-sql-'));
  await generateParts(folder, MESSAGES);
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  await copyMessages(duckDb, folder);
  await duckDb.run('ALTER VIEW messages RENAME TO parts');
  await duckDb.run(copyView(folder));
}, 120_000);
afterAll(async () => {
  duckDb.closeSync();
  await rm(folder, { recursive: true });
});

async function ask(sql: string): Promise<unknown> {
  return (await duckDb.runAndReadAll(sql)).getRowsJson();
}

describe('the archive of the benchmark', () => {
  it('has ten messages in each part, all of its thread and its day', async () => {
    let parts = 0;
    for await (const key of glob('messages/**/*.json.gz', { cwd: folder })) {
      const rows = await decodePart(await readFile(path.join(folder, key)), key);
      const { dt, threadId } = parsePartKey(key)!;
      parts++;

      expect(rows).toHaveLength(10);
      expect(new Set(rows.map((row) => row.created_at.slice(0, 10)))).toEqual(new Set([dt]));
      expect(new Set(rows.map((row) => row['thread_id']))).toEqual(new Set([threadId]));
    }
    expect(parts).toBe(MESSAGES / 10);
  });

  it('is spread over a year, with no message twice', async () => {
    const sql = 'SELECT count(DISTINCT dt), count(DISTINCT message_id), min(dt), max(dt) FROM parts';

    expect(await ask(sql)).toEqual([['365', '8000', '2025-01-01', '2025-12-31']]);
  });
});

describe('the copy of the benchmark', () => {
  it('has the rows and columns of the parts', async () => {
    expect(await ask('DESCRIBE messages')).toEqual(await ask('DESCRIBE parts'));
    expect(await ask('SELECT count(*) FROM messages')).toEqual([[String(MESSAGES)]]);
    expect(await ask('FROM parts EXCEPT FROM messages')).toEqual([]);
  });

  it('has a file for each month, in the order of time', async () => {
    const file = `'${folder}/copy/messages/portal_id=62515/month=2025-07/messages.parquet'`;
    const pairs = `SELECT dt, created_at, lag(created_at) OVER () AS before FROM read_parquet(${file})`;
    const sql = `SELECT min(dt), max(dt), count(*) FILTER (created_at < before) FROM (${pairs})`;

    expect(await ask(sql)).toEqual([['2025-07-01', '2025-07-31', '0']]);
  });
});

describe('prose', () => {
  it('compresses as what people write does, the same text for the same seed', () => {
    const text = writeProse(createRandom(1), 20_000);
    const ratio = text.length / gzipSync(text).length;

    expect(ratio).toBeGreaterThan(2);
    expect(ratio).toBeLessThan(4);
    expect(writeProse(createRandom(1), 20_000)).toBe(text);
  });
});
