import { type archiveBatch } from '../../functions/archive/archive-batch.ts';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { settlingMs } from '../../functions/archive/covered.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { type Conversations, createConversations } from '../../functions/hubspot/conversations.ts';
import { createHubSpotGet, type HubSpotGet } from '../../functions/hubspot/http.ts';
import { createPacer, type Pacer } from '../../functions/hubspot/pacer.ts';
import { createSources } from '../../functions/hubspot/sources.ts';
import { accessTokensSchema, createSecret, type Secret } from '../../functions/secrets.ts';
import { type SendThreads } from '../../functions/thread-queue/queued-thread.ts';
import { type Bucket } from './bucket.ts';
import { createSimulatedFiles } from './files.ts';
import { type HubSpot } from './hubspot.ts';
import { type Life, sleepIn } from './life.ts';
import './real-work.ts';
import { type Stage } from './stage.ts';

/** How the product under test departs from the real one: each wraps a part of it. Empty for the product itself. */
export type Variant = {
  store?: (store: ObjectStore, worker: Worker) => ObjectStore;
  fetch?: (fetch: Fetch) => Fetch;
  accessTokens?: (accessTokens: AccessTokens) => AccessTokens;
  /** Takes the way to make one, so that what a get remembers can be taken away. */
  makeGet?: (makeGet: () => HubSpotGet) => () => HubSpotGet;
  pacer?: (pacer: Pacer) => Pacer;
  conversations?: (conversations: Conversations, worker: Worker) => Conversations;
  captureThread?: (captureThread: CaptureThread, worker: Worker) => CaptureThread;
  archiveBatch?: (archive: typeof archiveBatch) => typeof archiveBatch;
  sendThreads?: (sendThreads: SendThreads) => SendThreads;
};
type Fetch = typeof globalThis.fetch;
type AccessTokens = Secret<Record<string, string>>;
export type CaptureThread = ReturnType<typeof createCaptureThread>;

/** A process of the archiver: everything an invocation finds set up when it begins. */
export type Process = { life: Life; now: () => number; captureThread: CaptureThread };

type Worker = { now: () => number; sleep: (ms: number) => Promise<void>; settlingMs: number };

const PORTAL_ID = '62515';

/** Joins the product's parts as its entry does, over the simulated world. */
export function startProcess(
  stage: Stage,
  { hubspot, bucket, variant }: { hubspot: HubSpot; bucket: Bucket; variant: Variant },
  { life, skew, requestsPerSecond }: { life: Life; skew: number; requestsPerSecond: number },
): Process {
  const { coalesce, mostPages } = stage.plan.settings;
  const vary = <T>(change: ((part: T, worker: Worker) => T) | undefined, part: T): T =>
    change?.(part, worker) ?? part;
  const now = () => stage.clock.now() + skew;
  const clock = { now, sleep: (ms: number) => sleepIn(stage.clock, life, ms) };
  const worker: Worker = { ...clock, settlingMs: settlingMs(coalesce) };
  const readTokens = () => Promise.resolve(JSON.stringify({ [PORTAL_ID]: hubspot.readSecret() }));
  const secret = createSecret(readTokens, { name: 'access tokens', schema: accessTokensSchema, now });
  const accessTokens = vary(variant.accessTokens, secret);
  const http = {
    apiUrl: 'https://api.hubapi.com',
    accessToken: async (portalId: string, options?: { fresh: boolean }) =>
      (await accessTokens(options))[portalId] ?? '',
    pacer: vary(variant.pacer, createPacer(requestsPerSecond, clock)),
    clock,
    fetch: vary(variant.fetch, hubspot.fetchFor(life)),
  };
  const makeGet = vary(variant.makeGet, () => createHubSpotGet(http));
  const captureThread = createCaptureThread({
    conversations: vary(variant.conversations, createConversations(makeGet(), 'v3')),
    apiVersion: 'v3',
    store: vary(variant.store, bucket.storeFor(life)),
    sources: {
      ...createSources(http, { apiVersion: 'v3', files: undefined }),
      files: createSimulatedFiles(http),
    },
    settlingMs: worker.settlingMs,
  });
  const inTime: CaptureThread = (request) => {
    let pages = 0;
    const hasTime = () => ++pages < mostPages && request.hasTime?.() !== false;
    return captureThread({ ...request, hasTime });
  };
  return { life, now, captureThread: vary(variant.captureThread, inTime) };
}
