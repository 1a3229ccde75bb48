import { benchArchiveThread } from './archive-thread.ts';
import { benchBundles } from './bundles.ts';
import { benchMemory } from './memory.ts';
import { benchReceiveWebhook } from './receive-webhook.ts';

/** `npm run bench`: prints every figure that the documents name; exit code 1 when one is over its limit. */
const results = [
  benchBundles(),
  await benchReceiveWebhook(),
  await benchArchiveThread(),
  await benchMemory(),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
