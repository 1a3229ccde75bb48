import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import * as z from 'zod';
import { timeMs } from './measure.ts';

/**
 * A process that asks DuckDB one query several times, and prints as JSON what it answered, the bytes that the first time read
 * and the milliseconds of each further one. Bytes are those of all `read` calls of the process (`rchar` in /proc/self/io),
 * whether the disk or the page cache gave them; null where there is no /proc.
 * https://docs.kernel.org/filesystems/proc.html#proc-pid-io-display-the-io-accounting-fields (read November 2026)
 */
const argsSchema = z.tuple([z.string(), z.string(), z.coerce.number()]);
const [view, sql, rounds] = argsSchema.parse(process.argv.slice(2));
// DuckDB would keep what it read of Parquet in memory of its own: only the page cache is to be warm.
const instance = await DuckDBInstance.create(':memory:', { enable_external_file_cache: 'false' });
const duckDb = await instance.connect();
await duckDb.run(view);
await duckDb.run('SELECT 1');
const before = bytesRead();
const answer = (await duckDb.runAndReadAll(sql)).getRowsJson();
const after = bytesRead();
const ms: number[] = [];
for (let round = 0; round < rounds; round++) ms.push(await timeMs(() => duckDb.runAndReadAll(sql)));
instance.closeSync();
console.log(JSON.stringify({ answer, bytes: before === null || after === null ? null : after - before, ms }));

function bytesRead(): number | null {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? NaN);
  } catch {
    return null;
  }
}
