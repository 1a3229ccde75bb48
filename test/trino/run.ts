import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/child-process.ts';
import { runWithServer } from '../support/run-with-server.ts';
import { ARCHIVES, writeArchives } from './archives.ts';
import { TRINO_ROOT, TRINO_URL } from './connection.ts';
import { findJava } from './java.ts';
import { installTrino } from './server-files.ts';
import { startTrino } from './server.ts';
import { makeTables } from './tables.ts';
import { createAsk } from './trino.ts';

/*
 * Asks Trino, the engine that Athena is made of, what the archive's tables and the saved queries say, and compares its answers
 * with DuckDB's: `npm run test:trino`. Needs Java 24 or newer; further arguments go to vitest. Ends with exit code 1 on any
 * difference. Whatever it starts, it stops, however it ends.
 */

const TIME_LIMIT_MS = 1_200_000;

await runWithServer(
  { name: 'trino', timeLimitMs: TIME_LIMIT_MS },
  async ({ scratch, signal, step, stopAtEnd }) => {
    const java = await findJava();
    const installed = await step('install Trino', () => installTrino(signal));
    const root = join(scratch, 'root');
    await mkdir(root);
    const options = { java, installed, folder: join(scratch, 'server'), root, signal };
    const trino = await step('start Trino', () => startTrino(options));
    stopAtEnd(trino);
    await step('write archives', () => writeArchives(root));
    for (const archive of ARCHIVES) await makeTables(createAsk(archive.name, { url: trino.url }), archive);
    const env = { ...process.env, [TRINO_URL]: trino.url, [TRINO_ROOT]: root };
    const vitest = ['run', '--config', 'vitest.trino.config.ts', ...process.argv.slice(2)];
    await step('tests', () => run('vitest', vitest, { env, signal, show: true }));
  },
);
