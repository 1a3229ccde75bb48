import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { benchArchiveThread } from './archive-thread.ts';
import { benchBundles } from './bundles.ts';
import { benchFolderQueue } from './folder-queue.ts';
import { benchMemory } from './memory.ts';
import { benchReceiveWebhook } from './receive-webhook.ts';
import { benchSql } from './sql.ts';
import { benchVerify } from './verify.ts';

/** `npm run bench`: prints every figure that the documents name; exit code 1 when one is over its limit. */
const results = [
  benchBundles(),
  await benchReceiveWebhook(),
  await benchArchiveThread(),
  await benchMemory(),
  await benchFolderQueue(),
  await benchVerify(),
  await benchSql(),
];
// In a process of its own: it takes the real time out of gzip, and must do so before the product is loaded.
const pacing = path.join(import.meta.dirname, 'pacing.ts');
results.push(spawnSync(process.execPath, [pacing], { stdio: 'inherit' }).status === 0);
process.exitCode = results.every(Boolean) ? 0 : 1;
