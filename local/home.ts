import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordVerdict } from '../functions/archive/archive-batch.ts';
import { createCaptureThread, settlingMs } from '../functions/archive/capture.ts';
import { type ApiVersion, createConversations } from '../functions/hubspot/conversations.ts';
import { createHubSpotGet } from '../functions/hubspot/http.ts';
import { createPacer } from '../functions/hubspot/pacer.ts';
import { createReceiveWebhook } from '../functions/webhook/receive.ts';
import { startArchiver } from './archiver.ts';
import { type FolderStore } from './folder-store.ts';
import { createMemoryQueue, type MemoryQueue } from './memory-queue.ts';
import { startReceiver } from './receiver.ts';

/** What the archive on one machine needs to know. */
export type FolderHomeOptions = {
  store: FolderStore;
  /** The receiver's port on 127.0.0.1; 0 for any that is free. */
  port: number;
  portalId: string;
  clientSecret: string;
  accessToken: string;
  hubspotApiUrl: string;
  hubspotApiVersion: ApiVersion;
  /** Requests per second to HubSpot, all workers together. */
  requestsPerSecond: number;
  /** How long events of a thread gather before it is fetched. */
  coalesceMs: number;
  /** Hears of every record that a worker took, once it is acknowledged or given back. */
  onVerdict: (verdict: RecordVerdict) => void;
};

/** The whole product on one machine, running. */
export type FolderHome = {
  /** Where webhooks go. */
  webhookUrl: string;
  queue: MemoryQueue;
  /** Takes no more webhooks, lets the workers finish their batches. */
  stop: () => Promise<void>;
};

// As the stack sets them.
const VISIBILITY_MS = 1_800_000;
const MAX_RECEIVE_COUNT = 10;

/**
 * Starts receiver, queue and archiver over a folder: the same logic as the two Lambdas, with a queue in this process and
 * files for objects. What is queued and not archived when the process ends is lost, so HubSpot's own retries do not cover it.
 * @throws what `listen` throws, e.g. `EADDRINUSE`
 */
export async function startFolderHome(options: FolderHomeOptions): Promise<FolderHome> {
  const { store, portalId, clientSecret, accessToken, hubspotApiVersion: apiVersion } = options;
  const portals = [portalId];
  const clock = { now: Date.now, sleep: (ms: number) => sleep(ms) };
  const queue = createMemoryQueue({
    delayMs: options.coalesceMs,
    visibilityMs: VISIBILITY_MS,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    now: Date.now,
  });
  const get = createHubSpotGet({
    apiUrl: options.hubspotApiUrl,
    accessToken: () => Promise.resolve(accessToken),
    pacer: createPacer(options.requestsPerSecond, clock),
    clock,
  });
  const captureThread = createCaptureThread({
    conversations: createConversations(get, apiVersion),
    apiVersion,
    store,
    settlingMs: settlingMs(options.coalesceMs),
  });
  const receiveWebhook = createReceiveWebhook({
    portals,
    clientSecret: () => Promise.resolve({ current: clientSecret }),
    sendThreads: queue.send,
    now: Date.now,
  });
  const receiver = await startReceiver(receiveWebhook, options.port);
  const archiver = startArchiver(queue, { portals, captureThread }, options.onVerdict);
  return {
    webhookUrl: receiver.url,
    queue,
    stop: async () => {
      await receiver.close();
      await archiver.stop();
    },
  };
}
