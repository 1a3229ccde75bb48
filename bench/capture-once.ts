import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { keepHeapSmall } from '../functions/heap.ts';
import { openFolderStore } from '../local/folder-store.ts';
import { capture } from './capture.ts';

/** A process that archives one thread into a fresh folder, as archive-thread does, and prints the most memory it ever held, in MB. */
keepHeapSmall();
const [apiUrl, threadId] = z.tuple([z.url(), z.string()]).parse(process.argv.slice(2));
const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-bench-'));
const store = await openFolderStore(folder);
try {
  await capture({ apiUrl, threadId }, store);
} finally {
  await store.close();
  await rm(folder, { recursive: true });
}
console.log(process.resourceUsage().maxRSS / 1024);
