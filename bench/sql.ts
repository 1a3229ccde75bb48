import { execFile } from 'node:child_process';
import { glob, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import * as z from 'zod';
import { formatTable } from '../local/text-table.ts';
import { median } from './measure.ts';
import { copyMessages, copyView, partsView } from './parquet-copy.ts';
import { generateParts } from './sql-archive.ts';
import { DAYS, MESSAGES_PER_PART } from './sql-threads.ts';

const MESSAGES = Number(process.env['SQL_BENCH_MESSAGES'] ?? 1_000_000);
const ROUNDS = 3;
const LEAST_RATIO = 10;
const MOST_OF_A_DAY = 1.1;
const DAY = '2025-07-01';
const ASK_ONCE = path.join(import.meta.dirname, 'ask-once.ts');

const QUESTIONS = {
  'all, counted': 'SELECT count(*) FROM messages',
  'by day and channel': 'SELECT dt, channel_id, count(*) FROM messages GROUP BY ALL ORDER BY ALL',
  'one day, counted': `SELECT count(*) FROM messages WHERE dt = '${DAY}'`,
};
type Question = keyof typeof QUESTIONS;

const askedSchema = z.object({
  answer: z.array(z.array(z.unknown())),
  bytes: z.nullable(z.number()),
  ms: z.array(z.number()),
});
type Asked = z.infer<typeof askedSchema>;

/**
 * SQL over an archive of a million messages in parts of ten, spread over a year (fewer: `SQL_BENCH_MESSAGES=100000`), asked of
 * DuckDB: what the parts cost, and what a copy of the same rows in columns does. Bytes are those that a query reads, the first
 * time; times are the median of some more, with all files in the page cache. Prints both; false when the copy is not ten
 * times better, or when the count of one day reads more than that day's files.
 */
export async function benchSql(): Promise<boolean> {
  // DuckDB takes brackets and stars in a path for a pattern: the name has none.
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-bench-'));
  try {
    await generateParts(folder, MESSAGES);
    await writeCopyOf(folder);
    const parts = await sizesOf(folder, 'messages/**/*.json.gz');
    const day = await sizesOf(folder, `messages/*/dt=${DAY}/*.json.gz`);
    const copy = await sizesOf(folder, 'copy/messages/**/*.parquet');
    console.log(
      `SQL over ${MESSAGES} messages in parts of ${MESSAGES_PER_PART} over ${DAYS} days, median of ${ROUNDS}:`,
    );
    console.log(
      `  the parts: ${parts.files} files, ${inMb(parts.bytes)} MB; those of ${DAY}: ${day.files}, ${inMb(day.bytes)} MB`,
    );
    console.log(`  the copy, in Parquet by month: ${copy.files} files, ${inMb(copy.bytes)} MB`);
    return await compare(folder, day.bytes);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(folder: string, dayBytes: number): Promise<boolean> {
  const table = [['question', 'parts ms', 'copy ms', 'times', 'parts MB', 'copy MB', 'times']];
  const asked = new Map<Question, { parts: Asked; copy: Asked }>();
  for (const question of ['all, counted', 'by day and channel', 'one day, counted'] as const) {
    const parts = await ask(partsView(folder), QUESTIONS[question]);
    const copy = await ask(copyView(folder), QUESTIONS[question]);
    if (JSON.stringify(parts.answer) !== JSON.stringify(copy.answer))
      throw new Error(`the copy answers otherwise than the parts: ${question}`);
    asked.set(question, { parts, copy });
    table.push([
      question,
      ...cells(median(parts.ms), median(copy.ms), ms),
      ...cells(parts.bytes, copy.bytes, inMb),
    ]);
  }
  console.log(formatTable(table).replaceAll(/^/gm, '  '));
  return isGoodEnough(asked, dayBytes);
}

function isGoodEnough(
  asked: ReadonlyMap<Question, { parts: Asked; copy: Asked }>,
  dayBytes: number,
): boolean {
  const whole = (['all, counted', 'by day and channel'] as const).flatMap(
    (question) => asked.get(question) ?? [],
  );
  const faster = Math.min(...whole.map(({ parts, copy }) => median(parts.ms) / median(copy.ms)));
  const fewer = Math.min(...whole.map(({ parts, copy }) => ratio(parts.bytes, copy.bytes)));
  const ofDay = ratio(asked.get('one day, counted')?.parts.bytes ?? null, dayBytes);
  console.log(
    `  counts of all: the copy is at least ${faster.toFixed(0)} times as fast (limit ${LEAST_RATIO})`,
  );
  if (Number.isNaN(ofDay)) {
    console.log('  bytes were not measured: that needs /proc, which Linux has');
    return faster >= LEAST_RATIO;
  }
  console.log(`  and reads at least ${fewer.toFixed(0)} times fewer bytes (limit ${LEAST_RATIO})`);
  console.log(
    `  one day's count reads ${ofDay.toFixed(2)} times the bytes of that day's parts (limit ${MOST_OF_A_DAY})`,
  );
  return faster >= LEAST_RATIO && fewer >= LEAST_RATIO && ofDay <= MOST_OF_A_DAY;
}

async function writeCopyOf(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    await copyMessages(await instance.connect(), folder);
  } finally {
    instance.closeSync();
  }
}

/** In a process of its own, of which every byte that is read from then on is the query's. */
async function ask(view: string, sql: string): Promise<Asked> {
  const { stdout } = await promisify(execFile)(process.execPath, [ASK_ONCE, view, sql, String(ROUNDS)]);
  return askedSchema.parse(JSON.parse(stdout));
}

async function sizesOf(folder: string, pattern: string): Promise<{ files: number; bytes: number }> {
  const sizes = { files: 0, bytes: 0 };
  for await (const file of glob(pattern, { cwd: folder })) {
    sizes.files++;
    sizes.bytes += (await stat(path.join(folder, file))).size;
  }
  return sizes;
}

function cells(parts: number | null, copy: number | null, format: (value: number) => string): string[] {
  if (parts === null || copy === null) return ['-', '-', '-'];
  return [format(parts), format(copy), ratio(parts, copy).toFixed(1)];
}

/** NaN when one of them was not measured. */
function ratio(parts: number | null, copy: number | null): number {
  return parts === null || copy === null ? NaN : parts / copy;
}

function ms(value: number): string {
  return value.toFixed(0);
}

function inMb(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
