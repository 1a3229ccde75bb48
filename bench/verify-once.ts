import * as z from 'zod';
import { keepHeapSmall } from '../functions/heap.ts';
import { verifyFolder } from '../test/support/verify-folder.ts';

/** A process that verifies a folder and prints the seconds it took and the most memory it ever held, in MB. */
keepHeapSmall();
const [folder] = z.tuple([z.string()]).parse(process.argv.slice(2));
const startedAt = performance.now();
const { is_proven: isProven } = await verifyFolder(folder);
if (!isProven) throw new Error('an archive that was not tampered with is not proven');
console.log((performance.now() - startedAt) / 1000, process.resourceUsage().maxRSS / 1024);
