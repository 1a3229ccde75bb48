import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/child-process.ts';
import { ARCHIVES, writeArchives } from './archives.ts';
import { TRINO_ROOT, TRINO_URL } from './connection.ts';
import { findJava } from './java.ts';
import { installTrino } from './server-files.ts';
import { startTrino, type Trino } from './server.ts';
import { makeTables } from './tables.ts';
import { createAsk } from './trino.ts';

/*
 * Asks Trino, the engine that Athena is made of, what the archive's tables and the saved queries say, and compares its answers
 * with DuckDB's: `npm run test:trino`. Needs Java 24 or newer; further arguments go to vitest. Ends with exit code 1 on any
 * difference. Whatever it starts, it stops, however it ends.
 */

const TIME_LIMIT_MS = 1_200_000;

const abort = new AbortController();
const { signal } = abort;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    abort.abort(new Error(`ended by ${name}`));
  });
}
setTimeout(() => {
  abort.abort(new Error(`took longer than ${TIME_LIMIT_MS / 60_000} minutes`));
}, TIME_LIMIT_MS).unref();

const scratch = await mkdtemp(join(tmpdir(), 'threadvault-trino-'));
let trino: Trino | undefined;
let failure: Error | undefined;
try {
  const java = await findJava();
  const installed = await step('install Trino', () => installTrino(signal));
  const root = join(scratch, 'root');
  await mkdir(root);
  const options = { java, installed, folder: join(scratch, 'server'), root, signal };
  trino = await step('start Trino', () => startTrino(options));
  await step('write archives', () => writeArchives(root));
  for (const archive of ARCHIVES) await makeTables(createAsk(archive.name, { url: trino.url }), archive);
  const env = { ...process.env, [TRINO_URL]: trino.url, [TRINO_ROOT]: root };
  const vitest = ['run', '--config', 'vitest.trino.config.ts', ...process.argv.slice(2)];
  await step('tests', () => run('vitest', vitest, { env, signal, show: true }));
} catch (error) {
  failure = error instanceof Error ? error : new Error(String(error));
}
await trino?.stop();
if (failure === undefined) {
  await rm(scratch, { recursive: true });
} else {
  console.error(`\n${failure.message}\nlogs: ${scratch}`);
  process.exitCode = 1;
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  console.log(`${name.padEnd(20)} ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`);
  return result;
}
