import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateArchive } from '../test/support/generated-archive.ts';

const SIZES = (process.env['VERIFY_BENCH_SIZES'] ?? '10000,100000').split(',').map(Number);
const OBJECTS_PER_DIGEST = 5_000;
const BYTES = 2_000;
const LEAST_PER_SECOND = 2_000;
const MEMORY_LIMIT = 1.3;
const VERIFY_ONCE = path.join(import.meta.dirname, 'verify-once.ts');

/**
 * How fast `npm run verify` goes through an archive in a folder, every byte read, and the most memory that it holds: of ten
 * thousand objects, and of ten times as many (other sizes: `VERIFY_BENCH_SIZES=10000,200000`). Prints both; false when it is
 * slower than its limit, or its memory follows the size.
 */
export async function benchVerify(): Promise<boolean> {
  console.log(`verifying a folder, objects of ${BYTES} bytes, ${OBJECTS_PER_DIGEST} a digest:`);
  const peaks: number[] = [];
  const speeds: number[] = [];
  for (const objects of SIZES) {
    const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-bench-'));
    try {
      await generateArchive(folder, { objects, digests: objects / OBJECTS_PER_DIGEST, bytes: BYTES });
      const { stdout } = await promisify(execFile)(process.execPath, [VERIFY_ONCE, folder]);
      const [seconds = NaN, peak = NaN] = stdout.split(' ').map(Number);
      peaks.push(peak);
      speeds.push(objects / seconds);
      console.log(
        `  ${objects} objects: ${(objects / seconds).toFixed(0)} a second (limit ${LEAST_PER_SECOND}), peak ${peak.toFixed(0)} MB`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const ratio = (peaks.at(-1) ?? NaN) / (peaks[0] ?? NaN);
  console.log(`  memory of the last to the first: ${ratio.toFixed(2)} (limit ${MEMORY_LIMIT})`);
  return ratio <= MEMORY_LIMIT && speeds.every((speed) => speed >= LEAST_PER_SECOND);
}
