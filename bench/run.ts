import { benchArchiveThread } from './archive-thread.ts';
import { benchBundles } from './bundles.ts';
import { benchReceiveWebhook } from './receive-webhook.ts';

/** `npm run bench`: prints every figure that the documents name; exit code 1 when one is over its limit. */
const results = [benchBundles(), await benchReceiveWebhook(), await benchArchiveThread()];
process.exitCode = results.every(Boolean) ? 0 : 1;
