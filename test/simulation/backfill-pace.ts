import './real-work.ts';
import { archiveThreads, concurrencyFor } from '../../cli/backfill/archive-threads.ts';
import { surveyThreads } from '../../cli/backfill/survey.ts';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { createConversations } from '../../functions/hubspot/conversations.ts';
import { createSources } from '../../functions/hubspot/sources.ts';
import { createListThreads } from '../../functions/hubspot/thread-lists.ts';
import { createHubSpotAccess } from '../../local/hubspot-access.ts';
import { addOldThread } from '../../local/simulated-hubspot/history.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from '../support/recording-store.ts';
import { START } from '../support/simulated-account.ts';
import { createClock } from './clock.ts';

const THREADS = 150;

/** A backfill, from its first call to the last. */
export type BackfillPace = {
  calls: number;
  /** Share of the configured rate that is kept, the listing included. */
  share: number;
  refused: number;
};

/**
 * A backfill of some hundred threads on the virtual clock, with an archive that takes no time.
 * @param longestCall in milliseconds; a call takes between a third of that and all of it
 */
export async function measureBackfill({
  requestsPerSecond,
  longestCall,
}: {
  requestsPerSecond: number;
  longestCall: number;
}): Promise<BackfillPace> {
  const clock = createClock(START);
  const hubspot = createSimulatedHubSpot({ now: clock.now, late: { share: 0, maxMs: 0 } });
  const { world, handle, log } = hubspot;
  for (let n = 0; n < THREADS; n++)
    addOldThread(world, { entries: 1 + ((n * 37) % 150), days: 1 + (n % 30) });
  const random = world.random.fork('latency');
  const hubSpot = createHubSpotAccess({
    apiUrl: 'https://api.hubapi.com',
    apiVersion: 'v3',
    accessToken: SIMULATED_ACCESS_TOKEN,
    requestsPerSecond,
    clock: {
      now: clock.now,
      sleep: (ms) =>
        new Promise((resolve) => {
          clock.after(ms, resolve);
        }),
    },
    fetch: (url, init) =>
      new Promise((resolve) => {
        const { pathname, search } = new URL(String(url instanceof Request ? url.url : url));
        const headers = Object.fromEntries(new Headers(init?.headers));
        const {
          status,
          headers: sent,
          body,
        } = handle({ method: 'GET', path: `${pathname}${search}`, headers, body: '' });
        const date = new Date(clock.now()).toUTCString();
        clock.after((longestCall * (1 + 2 * random.next())) / 3, () => {
          resolve(new Response(body.toString(), { status, headers: { ...sent, date } }));
        });
      }),
  });
  const { store } = recordingStore();
  const { signal } = new AbortController();
  const listThreads = createListThreads(hubSpot.get, 'v3');
  const onListed = () => undefined;
  const captureThread = createCaptureThread({
    conversations: createConversations(hubSpot.get, 'v3'),
    apiVersion: 'v3',
    store,
    sources: createSources(hubSpot.http, { apiVersion: 'v3', files: undefined }),
    settlingMs: 0,
  });
  const failed: string[] = [];
  const state = { isDone: false };

  async function backfill(): Promise<void> {
    const base = { portalId: '62515', signal };
    const { lacking } = await surveyThreads({
      ...base,
      listThreads,
      archive: store,
      since: undefined,
      onListed,
    });
    await archiveThreads(
      {
        ...base,
        captureThread,
        answers: () => log.count(undefined, 200),
        concurrency: concurrencyFor(requestsPerSecond),
        now: clock.now,
        wait: hubSpot.clock.sleep,
        onArchived: onListed,
        onFailed: ({ threadId }) => failed.push(threadId),
        onWait: onListed,
      },
      lacking,
    );
    state.isDone = true;
  }

  const filling = backfill();
  await clock.run({ isWorking: () => false, maxSteps: 100_000 });
  if (!state.isDone || failed.length > 0) throw new Error(`the backfill leaves ${failed.length} threads`);
  await filling;
  const calls = log.calls.length;
  const seconds = (log.calls.at(-1)!.at - START) / 1000;
  return { calls, share: calls / seconds / requestsPerSecond, refused: log.count(undefined, 429) };
}
