import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { openFolderStore } from '../folder-store.ts';
import { type FolderHome, startFolderHome } from '../home.ts';
import { addOldThreads, type GrowthStep, planGrowth, playGrowth } from '../simulated-hubspot/growth.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../simulated-hubspot/simulated-hubspot.ts';
import { createWebhookSender } from '../simulated-hubspot/webhook-sender.ts';
import { type World } from '../simulated-hubspot/world.ts';
import { compareWithHubSpot } from './compare.ts';
import { type DemoOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { type DemoResult } from './report.ts';
import { askDuckDb } from './sql.ts';

const CLIENT_SECRET = 'simulated-client-secret';
// Weeks of an account's life pass in seconds here, so its limit and our pace below it are ten times the usual.
const REQUESTS_PER_SECOND = 150;
const HUBSPOT_LIMIT = { tenSecondly: 1_900 };
const COALESCE_MS = 4_000;
// HubSpot announces neither, so the last of a thread would wait for the thread's next event.
const UNANNOUNCED: readonly string[] = ['THREAD_INBOX_CHANGE', 'CALL_SUMMARY'];
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
  const hubspot = createSimulatedHubSpot({ seed: options.seed, rateLimits: HUBSPOT_LIMIT });
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
    portalId: String(hubspot.world.portalId),
    clientSecret: { current: CLIENT_SECRET },
    accessToken: SIMULATED_ACCESS_TOKEN,
    hubspotApiUrl: api.url,
    hubspotApiVersion: 'v3',
    requestsPerSecond: REQUESTS_PER_SECOND,
    coalesceMs: COALESCE_MS,
    attachmentMaxBytes: 1_000_000,
    onVerdict: archived.onVerdict,
  });
  running.defer(() => home.stop());

  await growAndDrain(hubspot, home, archived.latenciesMs, options);
  return {
    comparison: await compareWithHubSpot(store, hubspot.world),
    latenciesMs: archived.latenciesMs,
    calls: hubspot.log.calls.length,
    rateLimited: hubspot.log.calls.filter((call) => call.status === 429).length,
    folder: options.folder,
    answer: await askDuckDb(options.folder),
  };
}

/** Plays the conversations, delivers their events, and waits until every one is archived. */
async function growAndDrain(
  { world, log }: SimulatedHubSpot,
  { webhookUrl, queue }: FolderHome,
  archived: readonly number[],
  { seed, threads, seconds }: DemoOptions,
): Promise<void> {
  let announced = 0;
  const stopProgress = showProgress(() => ({
    messages: announced,
    archived: archived.length,
    queued: queue.size(),
    calls: log.calls.length,
  }));
  const sender = createWebhookSender({ ...SENDER, seed, targetUrl: webhookUrl });
  try {
    // No edits: HubSpot announces none, and only the next event of a thread brings them to the archive.
    const plan = planGrowth(world, { threads, durationMs: seconds * 1000, edits: 0 });
    addOldThreads(world, plan);
    await playGrowth(world, endedByAnEvent(plan.steps), {
      onEvents: (events) => {
        announced += events.filter((event) => event.messageId !== undefined).length;
        sender.send(events);
      },
    });
    await sender.drain();
    const deadline = Date.now() + DRAIN_LIMIT_MS;
    while (queue.size() > 0 && Date.now() < deadline) await sleep(50);
  } finally {
    await sender.stop();
    stopProgress();
  }
}

/** The steps without what comes in a thread after its last event. */
function endedByAnEvent(steps: readonly GrowthStep[]): GrowthStep[] {
  const ended = new Set<string>();
  const isKept = ({ threadId, action }: GrowthStep) => {
    const isSilent = action.kind === 'say' && UNANNOUNCED.includes(action.turn.type);
    if (!isSilent) ended.add(threadId);
    return ended.has(threadId);
  };
  return steps.toReversed().filter(isKept).toReversed();
}

/** Notes when each announced message was first acknowledged as archived. */
function watchArchiving(world: World) {
  const seen = new Set<string>();
  const latenciesMs: number[] = [];
  const onVerdict = (verdict: RecordVerdict) => {
    if (verdict.result !== 'done') return;
    const entries = world.threads.get(verdict.queued.threadId)?.entries;
    for (const messageId of verdict.queued.messageIds) {
      const entry = entries?.get(messageId);
      if (entry === undefined || seen.has(messageId)) continue;
      seen.add(messageId);
      latenciesMs.push(Date.now() - entry.createdAt);
    }
  };
  return { latenciesMs, onVerdict };
}
