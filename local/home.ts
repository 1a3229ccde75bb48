import { type RecordVerdict } from '../functions/archive/archive-batch.ts';
import { type CaptureRequest } from '../functions/archive/capture.ts';
import { settlingMs } from '../functions/archive/covered.ts';
import { createEraseCapture } from '../functions/erase/erase-capture.ts';
import { type PrivacyDeletion } from '../functions/erase/erase-thread.ts';
import { type HubSpotGet } from '../functions/hubspot/http.ts';
import { type ApiVersion } from '../functions/hubspot/paths.ts';
import { type SweepReport } from '../functions/sweep/sweep.ts';
import { routeOf } from '../functions/thread-queue/route.ts';
import { createReceiveWebhook, type WebhookOutcome } from '../functions/webhook/receive.ts';
import { startActorResolver } from './actor-resolver.ts';
import { startArchiver } from './archiver.ts';
import { createFolderArchiver } from './folder-archiver.ts';
import { type FolderQueue, openFolderQueue } from './folder-queue.ts';
import { type FolderStore } from './folder-store.ts';
import { createHubSpotAccess } from './hubspot-access.ts';
import { queueFolderOf } from './queue-journal.ts';
import { type DeadLetter } from './queue-messages.ts';
import { startReceiver } from './receiver.ts';
import { watchRequests } from './redrive-requests.ts';
import { startSweeper } from './sweeper.ts';

/** What the archive on one machine needs to know. */
export type FolderHomeOptions = {
  store: FolderStore;
  /** The receiver's port on 127.0.0.1; 0 for any that is free. */
  port: number;
  /** Where HubSpot sends webhooks, when something in front of the receiver has another address. */
  publicUrl?: string;
  /** Where the queue is kept; nobody else may use it. Default: `.queue` in the archive's folder. */
  queueFolder?: string;
  portalId: string;
  /** The app's; the previous one counts too while a rotation lasts. */
  clientSecret: { current: string; previous?: string | undefined };
  accessToken: string;
  hubspotApiUrl: string;
  hubspotApiVersion: ApiVersion;
  /** Requests per second to HubSpot, all workers together. */
  requestsPerSecond: number;
  /** How long events of a thread gather before it is fetched. */
  coalesceMs: number;
  /** What is done when HubSpot deletes a thread for privacy. Default: its content is erased. */
  privacyDeletion?: PrivacyDeletion;
  /** The largest attached file that is archived, in bytes; 0 for none. */
  attachmentMaxBytes: number;
  /** Hosts that attached files may come from besides HubSpot's. Default: none. */
  attachmentHosts?: readonly string[];
  /** Minutes from one look for what no webhook has brought to the next. Default: never. */
  sweepMinutes?: number;
  /** Hears of every sweep in which something was due. */
  onSweep?: (report: SweepReport) => void;
  /** Hears of every record that a worker took, once it is acknowledged or given back, and of how many are queued then. */
  onVerdict: (verdict: RecordVerdict, queued: number) => void;
  /** Hears of every request that was answered. */
  onWebhook?: (outcome: WebhookOutcome) => void;
  onDeadLetter?: (letter: DeadLetter) => void;
  /**
   * Hears, in a line, of what was found in the queue's folder and cannot be read, naming the file; and of actors that
   * could not be archived, saying how many and why.
   */
  onNotice?: (notice: string) => void;
};

/** The whole product on one machine, running. */
export type FolderHome = {
  /** Where webhooks go. */
  webhookUrl: string;
  queue: FolderQueue;
  /** HubSpot's API, on the pace that all workers share. */
  get: HubSpotGet;
  /** Takes no more webhooks, lets the workers finish their batches. */
  stop: () => Promise<void>;
};

// As the stack sets them.
const VISIBILITY_MS = 1_800_000;
const MAX_RECEIVE_COUNT = 10;

/**
 * Starts receiver, queue and archiver over a folder: the same logic as the Lambdas', with files for objects and for
 * the queue. What HubSpot was told is accepted is archived, now or after a restart.
 * @throws ConfigError when the queue's folder cannot be used; what `listen` throws, e.g. `EADDRINUSE`
 */
export async function startFolderHome(options: FolderHomeOptions): Promise<FolderHome> {
  const { store, onWebhook = () => undefined, onNotice = () => undefined } = options;
  const { queueFolder = queueFolderOf(store.folder) } = options;
  const portals = [options.portalId];
  await using starting = new AsyncDisposableStack();
  const queue = await openFolderQueue(queueFolder, {
    ...options,
    delayMs: options.coalesceMs,
    visibilityMs: VISIBILITY_MS,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    now: Date.now,
  });
  starting.defer(() => queue.close());
  const requests = await watchRequests(queueFolder, queue, onNotice);
  starting.defer(() => requests.stop());
  const receiveWebhook = createReceiveWebhook({
    portals,
    clientSecret: () => Promise.resolve(options.clientSecret),
    sendThreads: queue.send,
    now: Date.now,
  });
  const receiver = await startReceiver(async (request) => {
    const answer = await receiveWebhook(request);
    onWebhook(answer.outcome);
    return answer;
  }, options);
  const { captureThread, actors, get } = openWork(options);
  const resolver = startActorResolver(actors, onNotice);
  starting.defer(() => resolver.stop());
  const archiver = startArchiver(queue, { portals, captureThread }, (verdict) => {
    options.onVerdict(verdict, queue.size());
  });
  starting.defer(() => archiver.stop());
  const { sweepMinutes = 0, onSweep = () => undefined } = options;
  const sweeper = startSweeper({ ...options, sweepMinutes, onSweep, queue, get });
  starting.defer(() => sweeper.stop());
  starting.defer(() => receiver.close());
  const running = starting.move();
  return { webhookUrl: receiver.url, queue, get, stop: () => running.disposeAsync() };
}

/** What archives a thread, or erases it, and where actors are noted. */
function openWork(options: FolderHomeOptions) {
  const { store, privacyDeletion: policy = 'erase' } = options;
  const hubSpot = createHubSpotAccess({
    apiUrl: options.hubspotApiUrl,
    apiVersion: options.hubspotApiVersion,
    accessToken: options.accessToken,
    requestsPerSecond: options.requestsPerSecond,
  });
  const { capture, actors } = createFolderArchiver(hubSpot, {
    ...options,
    settlingMs: settlingMs(options.coalesceMs),
  });
  const erase = createEraseCapture({ store, eraser: store, policy, now: Date.now });
  const captureThread = (request: CaptureRequest) =>
    routeOf(request.reasons?.[0]) === 'erasure' ? erase(request) : capture(request);
  return { captureThread, actors, get: hubSpot.get };
}
