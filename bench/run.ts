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
// Last and loaded late: it takes the real time out of gzip for all that comes after it.
const { benchPacing } = await import('./pacing.ts');
results.push(await benchPacing());
process.exitCode = results.every(Boolean) ? 0 : 1;
