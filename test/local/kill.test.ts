import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  actorKey,
  ATTACHMENTS_PREFIX,
  DIGESTS_PREFIX,
  parsePartKey,
} from '../../functions/archive/layout.ts';
import { decodePart } from '../../functions/archive/part.ts';
import { readThreadRecord } from '../../functions/archive/thread-record.ts';
import { compareWithHubSpot } from '../../local/demo/compare.ts';
import { writeFolderDigests } from '../../local/folder-digests.ts';
import { openFolderQueue } from '../../local/folder-queue.ts';
import { type FolderStore, openFolderStore } from '../../local/folder-store.ts';
import {
  addOldThreads,
  type GrowthStep,
  planGrowth,
  playGrowth,
} from '../../local/simulated-hubspot/growth.ts';
import { createRandom } from '../../local/simulated-hubspot/random.ts';
import { createSimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { createWebhookSender } from '../../local/simulated-hubspot/webhook-sender.ts';
import { verifyFolder } from '../support/verify-folder.ts';
import {
  CLIENT_SECRET,
  findFreePort,
  PUBLIC_URL,
  serveArgs,
  type ServeProcess,
  startServe,
} from './serve-process.ts';

const KILLS = 50;
const GROWTH = { threads: 60, durationMs: 8_000, edits: 0 };
/** And not less than it took to start: on a busy machine everything takes longer. */
const LONGEST_LIFE_MS = 350;
/** So many starts apart, one is not killed before it has archived a thread. */
const AT_WORK_EVERY = 5;
const LONGEST_WAIT_MS = 1_000;
/** HubSpot announces neither, so the last of a thread would wait for an event that never comes. */
const UNANNOUNCED: readonly string[] = ['THREAD_INBOX_CHANGE', 'CALL_SUMMARY'];

const seed = process.env['KILL_SEED'] ?? String(Date.now() % 1_000_000);
let parent: string;
let folder: string;
let program: string;
let running: ServeProcess | undefined;
let cleanUp: AsyncDisposableStack;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  parent = await mkdtemp(path.join(tmpdir(), 'threadvault-kill-'));
  cleanUp.defer(() => rm(parent, { recursive: true }));
  folder = path.join(parent, 'archive');
  // In one file, as the Lambdas are, it starts in a fifth of the time.
  program = path.join(parent, 'serve.mjs');
  const options = { platform: 'node', format: 'esm', logLevel: 'error' } as const;
  await build({ entryPoints: ['local/serve.ts'], bundle: true, outfile: program, ...options });
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  await cleanUp.disposeAsync();
});

/** An account whose conversations grow while their events are sent until somebody takes them. */
async function growHubSpot(port: number) {
  const hubspot = createSimulatedHubSpot({
    seed,
    late: { share: 0.05, maxMs: 500 },
    rateLimits: { tenSecondly: 1_000_000 },
  });
  const api = await hubspot.listen();
  cleanUp.defer(() => api.close());
  const sender = createWebhookSender({
    seed,
    targetUrl: `http://127.0.0.1:${port}/`,
    signedUrl: PUBLIC_URL,
    clientSecret: CLIENT_SECRET,
    flushMs: 20,
    duplicates: 0.05,
    reordered: 0.05,
    retryDelaysMs: Array.from({ length: 1_000 }, () => 50),
  });
  cleanUp.defer(() => sender.stop());
  const plan = planGrowth(hubspot.world, GROWTH);
  addOldThreads(hubspot.world, plan);
  const isAnnounced = ({ action }: GrowthStep) =>
    action.kind !== 'say' || !UNANNOUNCED.includes(action.turn.type);
  const grown = playGrowth(hubspot.world, plan.steps.filter(isAnnounced), { onEvents: sender.send });
  return { world: hubspot.world, apiUrl: api.url, sender, grown };
}

/** Starts the process again and again and kills it at random moments; some of them before it listens. */
async function killAgainAndAgain(
  args: readonly string[],
): Promise<{ foundQueued: number; archived: number }> {
  const random = createRandom(seed);
  const seen = { foundQueued: 0, archived: 0 };
  let startMs = 100;
  for (let kill = 0; kill < KILLS; kill++) {
    const startedAt = performance.now();
    running = startServe(args, { program });
    if (random.chance(0.2)) await sleep(random.next() * startMs);
    else {
      await running.listening;
      startMs = performance.now() - startedAt;
      // However busy the machine is, some are killed at work. After the last thread there is none left to wait for.
      if (kill % AT_WORK_EVERY === 0) await firstArchived(running, Math.max(LONGEST_WAIT_MS, 5 * startMs));
      // Mostly short: the processes that live longest get most done, and leave least to be broken.
      await sleep(random.next() ** 2 * Math.max(LONGEST_LIFE_MS, startMs));
    }
    running.child.kill('SIGKILL');
    const { signal, stderr } = await running.ended;
    expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    if (queuedNow(running) > 0) seen.foundQueued++;
    seen.archived += archivedBy(running);
  }
  return seen;
}

/** Waits until the process has archived a thread, and no longer than it may. */
async function firstArchived(process: ServeProcess, longestMs: number): Promise<void> {
  for (const until = Date.now() + longestMs; Date.now() < until && archivedBy(process) === 0;) await sleep(5);
}

function archivedBy({ lines }: ServeProcess): number {
  return lines.filter((line) => line.includes(': archived,')).length;
}

/** What the last line said that said anything of the queue. */
function queuedNow({ lines }: ServeProcess): number {
  const counts = lines.flatMap((line) => /(\d+) queued/.exec(line)?.[1] ?? []);
  return Number(counts.at(-1) ?? 0);
}

/** Reads every object as what its key says it is. Throws at the first that is torn or has no business here. */
async function readEverything(store: FolderStore): Promise<number> {
  let objects = 0;
  for await (const key of store.list('')) {
    const part = parsePartKey(key);
    const threadId = /^threads\/portal_id=62515\/(\d+)\.json$/.exec(key)?.[1];
    if (part !== undefined)
      expect((await decodePart((await store.get(key))!.body, key)).length).toBeGreaterThan(0);
    else if (threadId !== undefined)
      expect(await readThreadRecord(store, { portalId: '62515', threadId })).toBeDefined();
    // Files are compared with HubSpot's below, and digests verified.
    else if (key.startsWith(ATTACHMENTS_PREFIX) || key.startsWith(DIGESTS_PREFIX)) objects--;
    else expect(key).toBe(await actorKeyOf(store, key));
    objects++;
  }
  return objects;
}

/** The key that an actor's object should have, by what stands in it. */
async function actorKeyOf(store: FolderStore, key: string): Promise<string> {
  const { actor_id: actorId } = JSON.parse((await store.get(key))!.body.toString()) as { actor_id: string };
  return actorKey({ portalId: '62515', actorId });
}

it(
  'loses and tears nothing when it is killed fifty times at random moments',
  { timeout: 240_000 },
  async () => {
    console.log(`KILL_SEED=${seed}`);
    const port = await findFreePort();
    const { world, apiUrl, sender, grown } = await growHubSpot(port);
    const args = serveArgs(folder, apiUrl, port);

    const seen = await killAgainAndAgain(args);
    await grown;
    running = startServe(args, { program });
    await running.listening;
    await sender.drain();
    await expect.poll(() => queuedNow(running!), { timeout: 60_000, interval: 100 }).toBe(0);
    running.child.kill('SIGTERM');

    expect(await running.ended).toEqual({ code: 0, signal: null, stderr: '' });
    expect(sender.counts.dropped).toBe(0);
    expect(await readdir(folder)).toEqual([
      '.digest-key.pem',
      '.files',
      '.journal',
      '.queue',
      'actors',
      'attachments',
      'digests',
      'messages',
      'threads',
    ]);
    const store = await openFolderStore(folder);
    cleanUp.defer(() => store.close());
    const queue = await openFolderQueue(path.join(folder, '.queue'), {
      delayMs: 0,
      visibilityMs: 1_000,
      maxReceiveCount: 10,
      now: Date.now,
    });
    expect({ size: queue.size(), deadLetters: queue.deadLetters() }).toEqual({ size: 0, deadLetters: [] });
    await queue.close();
    expect(await readEverything(store)).toBeGreaterThan(GROWTH.threads);
    const comparison = await compareWithHubSpot(store, world);
    expect(comparison).toMatchObject({
      faults: {
        missing: [],
        different: [],
        misplaced: [],
        superfluous: [],
        withoutOriginal: [],
        withoutFile: [],
      },
    });
    // Each start has written a digest, and many a one was killed while it did.
    expect(await verifyFolder(folder)).toMatchObject({ is_proven: true, findings: [] });
    expect((await writeFolderDigests(store)).head.sequence).toBeGreaterThan(0);
    expect(await verifyFolder(folder)).toMatchObject({ is_proven: true, objects: { not_yet_listed: 0 } });
    expect(comparison.archivedMessages).toBe(comparison.counts.messages);
    // Killed at work, not at rest.
    expect(seen.foundQueued).toBeGreaterThan(KILLS / 5);
    expect(seen.archived).toBeGreaterThan(0);
  },
);
