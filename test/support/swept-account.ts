import { createCaptureThread } from '../../functions/archive/capture.ts';
import { settlingMs } from '../../functions/archive/covered.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { createRefreshDirectory } from '../../functions/directory/refresh.ts';
import { createConversations } from '../../functions/hubspot/conversations.ts';
import { createGetOriginal } from '../../functions/hubspot/originals.ts';
import { createListPlaces } from '../../functions/hubspot/places.ts';
import { createListThreads } from '../../functions/hubspot/thread-lists.ts';
import { createSweep, type SweepReport, sweepSettings } from '../../functions/sweep/sweep.ts';
import { type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { type SimulatedHubSpotOptions } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from './recording-store.ts';
import { PORTAL_ID, simulatedAccount } from './simulated-account.ts';

/** Coalescing of the queue, and so the grace of a sweep: 15 s and five minutes. */
const COALESCE_SECONDS = 15;
/** How old a message is when it is nobody's but the sweep's. */
export const OLD_ENOUGH_MS = 400_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * An archive, an account that grows without a webhook, a queue, and a sweep between them; on one clock, which moves when
 * somebody sleeps. `drain` archives what is queued, as archive-thread does.
 */
export function sweptAccount(options: SimulatedHubSpotOptions = {}) {
  const account = simulatedAccount(options);
  const { http, clock } = account;
  const archive = recordingStore();
  const queue: QueuedThread[] = [];
  const sent: QueuedThread[] = [];
  /** What each call goes through: a test may make it fail before or after it does its work. */
  const around = { call: <T>(_name: string, call: () => Promise<T>): Promise<T> => call() };
  const state = {
    drains: true,
    /** Most entries that ever waited. */
    longest: 0,
  };
  const capture = createCaptureThread({
    conversations: createConversations(http.get, 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: { getOriginal: createGetOriginal(http.get, 'v3'), files: undefined },
    settlingMs: settlingMs(COALESCE_SECONDS * 1_000),
  });

  async function captureNow(
    threadId: string,
    occurredAt = clock.ms,
    reasons = ['conversation.newMessage'],
  ): Promise<string> {
    const announced = { messageIds: [], occurredAt, firstTry: true };
    return (await capture({ portalId: PORTAL_ID, threadId, announced, reasons, requestId: 'capture' }))
      .status;
  }

  async function drain(): Promise<string[]> {
    clock.ms += COALESCE_SECONDS * 1_000;
    const statuses = [];
    for (const { threadId, occurredAt, reasons } of queue.splice(0))
      statuses.push(await captureNow(threadId, occurredAt, reasons));
    return statuses;
  }

  const store: Pick<ObjectStore, 'get' | 'put'> = {
    get: (key) => around.call('get', () => archive.store.get(key)),
    put: (request) => around.call('put', () => archive.store.put(request)),
  };
  const list = createListThreads(http.get, 'v3');
  const send = (threads: readonly QueuedThread[]) =>
    around.call('send', () => {
      queue.push(...threads);
      sent.push(...threads);
      state.longest = Math.max(state.longest, queue.length);
      return Promise.resolve();
    });
  const road = { send, backlog: () => around.call('backlog', () => Promise.resolve(queue.length)) };
  const sweep = createSweep({
    store,
    listThreads: (request) => around.call('list', () => list(request)),
    refreshDirectory: createRefreshDirectory({
      store: archive.store,
      listPlaces: createListPlaces(http.get, 'v3'),
      now: () => clock.ms,
    }),
    roads: { ordinary: road, urgent: road },
    settings: sweepSettings({
      sweepMinutes: 60,
      fullSweepDays: 7,
      fullSweepWindowDays: 30,
      coalesceSeconds: COALESCE_SECONDS,
    }),
    now: () => clock.ms,
    sleep: async (ms) => {
      clock.ms += ms;
      if (state.drains) await drain();
    },
  });

  /** One invocation of 290 s. */
  function run(requestId = 'sweep'): Promise<SweepReport> {
    const endsAt = clock.ms + 290_000;
    return sweep({ portalId: PORTAL_ID, requestId, hasTime: (ms) => endsAt - clock.ms > ms });
  }

  /** Invocations five minutes apart until nothing is left to do. */
  async function runUntilDone(): Promise<SweepReport[]> {
    const reports = [];
    for (let round = 1; round <= 100; round++) {
      const report = await run();
      reports.push(report);
      await drain();
      if (report.failures.length === 0 && report.passes.every(({ status }) => status === 'finished'))
        return reports;
      clock.ms += 300_000;
    }
    throw new Error('the sweep does not come to its end');
  }

  return { ...account, archive, queue, sent, around, state, captureNow, drain, run, runUntilDone };
}

/** The pass of that name in a report. */
export function passOf({ passes }: SweepReport, name: string) {
  return passes.find(({ pass }) => pass === name);
}
