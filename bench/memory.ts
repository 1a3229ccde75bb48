import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSimulatedThread } from './simulated-thread.ts';

const SIZES = [1_000, 20_000, 200_000];
const MESSAGES_PER_DAY = 100;
const LIMIT = 1.3;
const CAPTURE_ONCE = path.join(import.meta.dirname, 'capture-once.ts');

/**
 * The most memory that a process ever holds which archives one thread, of a thousand messages and of very many more, with
 * as many a day. Prints it in MB, and the last as a ratio to the first; false when that is over the limit.
 */
export async function benchMemory(): Promise<boolean> {
  console.log(`peak memory of a process that archives one thread, ${MESSAGES_PER_DAY} messages a day:`);
  const peaks: number[] = [];
  for (const messages of SIZES) {
    const thread = await startSimulatedThread({ messages, days: messages / MESSAGES_PER_DAY });
    const args = [CAPTURE_ONCE, thread.apiUrl, thread.threadId];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    await thread.stop();
    peaks.push(Number(stdout));
    console.log(`  ${messages} messages: ${Number(stdout).toFixed(0)} MB`);
  }
  const ratio = (peaks.at(-1) ?? NaN) / (peaks[0] ?? NaN);
  console.log(`  ratio ${ratio.toFixed(2)} (limit ${LIMIT})`);
  return ratio <= LIMIT;
}
