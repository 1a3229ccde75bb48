import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFolderQueue } from '../local/folder-queue.ts';
import { queuedThread } from '../test/support/queue-record.ts';
import { timeMs } from './measure.ts';

const FEW = 1_000;
const MANY = 100_000;
const TAKEN = 500;
const LIMIT = 10;

/**
 * How long the queue of a folder takes to give a thread and to have it acknowledged, with few threads waiting behind it and
 * with very many. Prints both in microseconds, and the second as a ratio to the first; false when that is over the limit.
 */
export async function benchFolderQueue(): Promise<boolean> {
  const [few, many] = [await takeFrom(FEW), await takeFrom(MANY)];
  const ratio = many / few;
  console.log(`queue of a folder, a thread taken and acknowledged, mean of ${TAKEN}:`);
  console.log(
    `  ${FEW} waiting: ${(few * 1_000).toFixed(0)} µs; ${MANY} waiting: ${(many * 1_000).toFixed(0)} µs`,
  );
  console.log(`  ratio ${ratio.toFixed(2)} (limit ${LIMIT})`);
  return ratio <= LIMIT;
}

/** Milliseconds for one thread. */
async function takeFrom(waiting: number): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-bench-'));
  const queue = await openFolderQueue(folder, {
    delayMs: 0,
    visibilityMs: 60_000,
    maxReceiveCount: 10,
    now: Date.now,
  });
  try {
    await queue.send(Array.from({ length: waiting }, (_, i) => queuedThread({ threadId: String(i) })));
    const take = (count: number) => {
      for (let i = 0; i < count; i++) queue.acknowledge(queue.receive(1)[0]?.recordId ?? '');
      return Promise.resolve();
    };
    // With the first the journal is written anew, once for all that was sent.
    await take(1);
    return (await timeMs(() => take(TAKEN))) / TAKEN;
  } finally {
    await queue.close();
    await rm(folder, { recursive: true });
  }
}
