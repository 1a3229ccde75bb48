import { randomUUID } from 'node:crypto';
import { setTimeout as waitFor } from 'node:timers/promises';
import { createRefreshDirectory } from '../functions/directory/refresh.ts';
import { type HubSpotGet } from '../functions/hubspot/http.ts';
import { type ApiVersion } from '../functions/hubspot/paths.ts';
import { createListPlaces } from '../functions/hubspot/places.ts';
import { createListThreads } from '../functions/hubspot/thread-lists.ts';
import { createSweep, type SweepReport, sweepSettings } from '../functions/sweep/sweep.ts';
import { type FolderQueue } from './folder-queue.ts';
import { type FolderStore } from './folder-store.ts';

/** What sweeping for a folder works with. */
export type FolderSweepOptions = {
  store: FolderStore;
  queue: Pick<FolderQueue, 'send' | 'size'>;
  get: HubSpotGet;
  hubspotApiVersion: ApiVersion;
  coalesceMs: number;
  /** Minutes from one look for new messages to the next. */
  sweepMinutes: number;
  /** Days from one full round to the next; 0 for one with every call. */
  fullSweepDays: number;
  /** A full round reads the threads whose newest message is no more days old. */
  fullSweepWindowDays: number;
  sleep: (ms: number) => Promise<void>;
};

/** What the sweeper of a folder works with. `sweepMinutes`: 0 for no sweeps. */
export type SweeperOptions = Omit<FolderSweepOptions, 'fullSweepDays' | 'fullSweepWindowDays' | 'sleep'> & {
  portalId: string;
  /** Milliseconds from one look whether something is due to the next. Default: a minute. */
  lookEveryMs?: number;
  /** Hears of every run in which something was due. */
  onSweep: (report: SweepReport) => void;
};

const LOOK_EVERY_MS = 60_000;
// As the stack sets them by default.
const FULL_SWEEP = { fullSweepDays: 7, fullSweepWindowDays: 30 };

/**
 * Sweeps beside the workers: the first time a while after the start, so that what is queued already is archived first.
 * @returns ends it; resolves when the page at hand is queued
 */
export function startSweeper(options: SweeperOptions): { stop: () => Promise<void> } {
  const { portalId, sweepMinutes, onSweep, lookEveryMs = LOOK_EVERY_MS } = options;
  const stopping = new AbortController();
  const pause = (ms: number) => waitFor(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const sweep = createFolderSweep({ ...options, ...FULL_SWEEP, sleep: pause });

  async function work(): Promise<void> {
    for (;;) {
      await pause(lookEveryMs);
      if (stopping.signal.aborted) return;
      const report = await sweep({
        portalId,
        requestId: randomUUID(),
        hasTime: () => !stopping.signal.aborted,
      });
      if (report.passes.length + report.failures.length > 0) onSweep(report);
    }
  }

  const working = sweepMinutes === 0 ? Promise.resolve() : work();
  return {
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}

/** The sweep of an account that is archived into a folder; see {@link createSweep}. */
export function createFolderSweep(options: FolderSweepOptions): ReturnType<typeof createSweep> {
  const { store, queue, get, hubspotApiVersion: apiVersion, coalesceMs, sleep } = options;
  const road = { send: queue.send, backlog: () => Promise.resolve(queue.size()) };
  return createSweep({
    store,
    listThreads: createListThreads(get, apiVersion),
    refreshDirectory: createRefreshDirectory({
      store,
      listPlaces: createListPlaces(get, apiVersion),
      now: Date.now,
    }),
    // One queue, on which what is urgent goes ahead by itself.
    roads: { ordinary: road, urgent: road },
    settings: sweepSettings({ ...options, coalesceSeconds: coalesceMs / 1_000 }),
    now: Date.now,
    sleep,
  });
}
