import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ObjectStore } from '../functions/archive/store.ts';
import { openFolderStore } from '../local/folder-store.ts';
import { SIMULATED_ACCESS_TOKEN } from '../local/simulated-hubspot/simulated-hubspot.ts';
import { capture } from './capture.ts';
import { median, timeMs } from './measure.ts';
import { type SimulatedThread, startSimulatedThread } from './simulated-thread.ts';

const MESSAGES = 10_000;
const PAGE_SIZE = 100;
const DAYS = 30;
const ROUNDS = 7;
const LIMIT = 1.3;

/**
 * archive-thread for a thread of 10,000 messages against a floor that only fetches the same pages one after another and
 * writes their bytes, gzipped, to the same kind of store: each page as it comes. A second floor gathers the pages into as
 * many objects as there are days, which spares it most of the writes. All in turns, in one run. Prints the ratios of the
 * medians; false when the first is over the limit.
 */
export async function benchArchiveThread(): Promise<boolean> {
  const thread = await startSimulatedThread({ messages: MESSAGES, days: DAYS });
  const contestants = {
    'floor, an object a page': (store: ObjectStore) => fetchAndWrite(thread, store, 1),
    'floor, an object a day': (store: ObjectStore) =>
      fetchAndWrite(thread, store, MESSAGES / PAGE_SIZE / DAYS),
    'archive-thread': (store: ObjectStore) => capture(thread, store),
  };
  const times = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of Object.entries(contestants)) {
      const ms = await onFreshStore(work);
      // The first round warms everything up.
      if (round > 0) times.set(name, [...(times.get(name) ?? []), ms]);
    }
  }
  await thread.stop();

  console.log(
    `a thread of ${MESSAGES} messages in ${MESSAGES / PAGE_SIZE} pages over ${DAYS} days, median of ${ROUNDS}:`,
  );
  const [byPage = NaN, byDay = NaN, archive = NaN] = [...times.values()].map(median);
  for (const [name, each] of times) console.log(`  ${name}: ${median(each).toFixed(0)} ms`);
  console.log(
    `  ratio ${(archive / byPage).toFixed(2)} (limit ${LIMIT}), to the second floor ${(archive / byDay).toFixed(2)}`,
  );
  return archive / byPage <= LIMIT;
}

async function onFreshStore(work: (store: ObjectStore) => Promise<unknown>): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-bench-'));
  const store = await openFolderStore(folder);
  try {
    return await timeMs(() => work(store));
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

const compress = promisify(gzip);

async function fetchAndWrite(
  { apiUrl, threadId }: SimulatedThread,
  store: ObjectStore,
  pagesPerObject: number,
): Promise<void> {
  const headers = { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}` };
  let texts: string[] = [];
  let objects = 0;
  const write = async () => {
    const body = await compress(texts.join('\n'));
    texts = [];
    const sha256 = createHash('sha256').update(body).digest('hex');
    const key = `floor/${objects++}.json.gz`;
    await store.put({ key, body, sha256, contentType: '', metadata: {}, condition: { absent: true } });
  };
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const after: string = cursor === '' ? '' : `&after=${cursor}`;
    const url = `${apiUrl}/conversations/v3/conversations/threads/${threadId}/messages?sort=createdAt&limit=${PAGE_SIZE}${after}`;
    const text = await (await fetch(url, { headers })).text();
    texts.push(text);
    if (texts.length >= pagesPerObject) await write();
    // Found without parsing: the floor does nothing with a page but pass it on.
    cursor = /"after":"([^"]+)"/.exec(text.slice(-500))?.[1];
  }
  if (texts.length > 0) await write();
}
