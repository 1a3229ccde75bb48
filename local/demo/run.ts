import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { openFolderStore } from '../folder-store.ts';
import { type FolderHome, startFolderHome } from '../home.ts';
import { numeral } from '../numeral.ts';
import { addOldThreads, planGrowth, playGrowth } from '../simulated-hubspot/growth.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../simulated-hubspot/simulated-hubspot.ts';
import { createWebhookSender } from '../simulated-hubspot/webhook-sender.ts';
import { type World } from '../simulated-hubspot/world.ts';
import { findFreeAccount } from './account.ts';
import { compareWithHubSpot } from './compare.ts';
import { makeLastVisits } from './last-visits.ts';
import { type DemoOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { type DemoResult } from './report.ts';
import { askDuckDb } from './sql.ts';
import { HAPPENINGS } from './story.ts';
import { sweepOnce, type Swept } from './sweep-once.ts';

const CLIENT_SECRET = 'simulated-client-secret';
// Weeks of an account's life pass in seconds here, so its limit and our pace below it are ten times the usual.
const REQUESTS_PER_SECOND = 150;
const HUBSPOT_LIMIT = { tenSecondly: 1_900 };
const API = { hubspotApiVersion: 'v3' } as const;
const COALESCE_MS = 4_000;
const SENDER = {
  clientSecret: CLIENT_SECRET,
  duplicates: 0.05,
  reordered: 0.05,
  // What HubSpot spreads over a day.
  retryDelaysMs: [200, 500, 1_000, 2_000, 4_000, 8_000],
};
const DRAIN_LIMIT_MS = 120_000;

/**
 * Lets conversations grow in a simulated HubSpot while the product archives them, waits until nothing is queued, and
 * compares the two. Ends everything it started, however it ends.
 * @throws ConfigError for a folder that cannot be used; what `listen` throws for the port
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  await using running = new AsyncDisposableStack();
  const store = await openFolderStore(options.folder);
  running.defer(() => store.close());
  const portalId = await findFreeAccount(store);
  const hubspot = createSimulatedHubSpot({ seed: options.seed, portalId, rateLimits: HUBSPOT_LIMIT });
  const api = await hubspot.listen();
  running.defer(() => api.close());
  // Of its own, and gone with the simulated HubSpot: threads that a real archive has queued here are not for this run.
  const queueFolder = path.join(store.folder, '.demo-queue');
  const removeQueue = () => rm(queueFolder, { recursive: true, force: true });
  await removeQueue();
  running.defer(removeQueue);
  const archived = watchArchiving(hubspot.world);
  const home = await startFolderHome({
    store,
    port: options.port,
    queueFolder,
    portalId: String(portalId),
    clientSecret: { current: CLIENT_SECRET },
    accessToken: SIMULATED_ACCESS_TOKEN,
    hubspotApiUrl: api.url,
    ...API,
    requestsPerSecond: REQUESTS_PER_SECOND,
    coalesceMs: COALESCE_MS,
    attachmentMaxBytes: 1_000_000,
    onVerdict: archived.onVerdict,
  });
  running.defer(() => home.stop());

  const sweep = () =>
    sweepOnce({ ...home, store, portalId: String(portalId), ...API, coalesceMs: COALESCE_MS });
  await growAndDrain(hubspot, { ...home, sweep }, archived, options);
  await makeLastVisits(store, String(portalId), Date.now());
  return {
    comparison: await compareWithHubSpot(store, hubspot.world),
    latenciesMs: archived.latenciesMs,
    calls: hubspot.log.calls.length,
    rateLimited: hubspot.log.calls.filter((call) => call.status === 429).length,
    folder: options.folder,
    answer: await askDuckDb(options.folder, portalId),
  };
}

/**
 * Plays the conversations, delivers their events, and waits until every one is archived; then sweeps for what had no event, and
 * waits until that is archived too.
 */
async function growAndDrain(
  { world, log }: SimulatedHubSpot,
  { webhookUrl, queue, sweep }: FolderHome & { sweep: () => Promise<Swept> },
  { latenciesMs, counts, isArchived }: Watch,
  { seed, threads, seconds }: DemoOptions,
): Promise<void> {
  let announced = 0;
  const progress = showProgress(() => ({
    messages: announced,
    archived: latenciesMs.length,
    erased: counts.erased,
    queued: queue.size() - counts.toBeVisitedAgain,
    calls: log.calls.length,
  }));
  const drain = async () => {
    const deadline = Date.now() + DRAIN_LIMIT_MS;
    while (queue.size() > counts.toBeVisitedAgain && Date.now() < deadline) await sleep(50);
  };
  const sender = createWebhookSender({ ...SENDER, seed, targetUrl: webhookUrl });
  try {
    const plan = planGrowth(world, { threads, durationMs: seconds * 1000, ...HAPPENINGS });
    addOldThreads(world, plan);
    await playGrowth(world, plan.steps, {
      onEvents: (events) => {
        announced += events.filter((event) => event.messageId !== undefined).length;
        sender.send(events);
      },
      // Of a message that was gone before anybody could have seen it, no archive could have anything.
      mayRemove: ({ messageId }) => isArchived(messageId),
    });
    await sender.drain();
    await drain();
    const { listed, queued } = await sweep();
    progress.say(
      `the sweep listed ${numeral(listed)} threads, and queued ${numeral(queued)} to be read once more`,
    );
    await drain();
  } finally {
    await sender.stop();
    progress.stop();
  }
}

/** What is known of the archiving so far. */
type Watch = {
  /** Of each announced message, from its creation to its acknowledgement as archived, in milliseconds. */
  latenciesMs: number[];
  /** Announced messages of threads that were erased before these were archived; and erasures that end an hour from now. */
  counts: { erased: number; toBeVisitedAgain: number };
  isArchived: (messageId: string) => boolean;
};

/** Notes when each announced message was first acknowledged as archived. */
function watchArchiving({ threads, purged }: World): Watch & { onVerdict: (verdict: RecordVerdict) => void } {
  const seen = new Set<string>();
  const latenciesMs: number[] = [];
  const counts = { erased: 0, toBeVisitedAgain: 0 };
  const onVerdict = (verdict: RecordVerdict) => {
    if (verdict.outcome?.status === 'unfinished' && verdict.outcome.erasure !== undefined)
      counts.toBeVisitedAgain++;
    if (verdict.result !== 'done') return;
    const { threadId, messageIds } = verdict.queued;
    for (const messageId of messageIds) {
      const entry = threads.get(threadId)?.entries.get(messageId);
      if (seen.has(messageId)) continue;
      if (entry !== undefined) latenciesMs.push(Date.now() - entry.createdAt);
      else if (purged.has(threadId)) counts.erased++;
      else continue;
      seen.add(messageId);
    }
  };
  return { latenciesMs, counts, isArchived: (messageId) => seen.has(messageId), onVerdict };
}
