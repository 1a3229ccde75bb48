import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCaptureThread } from '../functions/archive/capture.ts';
import { type ObjectStore } from '../functions/archive/store.ts';
import { createActors } from '../functions/directory/resolve-actors.ts';
import { createReadActors } from '../functions/hubspot/actors.ts';
import { createConversations } from '../functions/hubspot/conversations.ts';
import { createHubSpotHttp } from '../functions/hubspot/http.ts';
import { createPacer } from '../functions/hubspot/pacer.ts';
import { createSources } from '../functions/hubspot/sources.ts';
import { SIMULATED_ACCESS_TOKEN } from '../local/simulated-hubspot/simulated-hubspot.ts';
import { type SimulatedThread } from './simulated-thread.ts';

const NOTHING = { messageIds: [], occurredAt: Date.now(), firstTry: true };

/** Archives a simulated thread and the actors it names, as fast as it can be read. */
export async function capture(
  { apiUrl, threadId }: Pick<SimulatedThread, 'apiUrl' | 'threadId'>,
  store: ObjectStore,
): Promise<void> {
  const clock = { now: Date.now, sleep: () => Promise.resolve() };
  const accessToken = () => Promise.resolve(SIMULATED_ACCESS_TOKEN);
  const http = { apiUrl, accessToken, pacer: createPacer(Infinity, clock), clock };
  const hubSpot = createHubSpotHttp(http);
  const actors = createActors({ store, readActors: createReadActors(hubSpot.post, 'v3'), now: Date.now });
  const files = {
    attachmentHosts: [],
    maxBytes: 1e8,
    folder: path.join(tmpdir(), 'threadvault-bench-files'),
  };
  const captureThread = createCaptureThread({
    conversations: createConversations(hubSpot.get, 'v3'),
    apiVersion: 'v3',
    store,
    sources: createSources(http, { apiVersion: 'v3', files }),
    settlingMs: 0,
    noteActors: actors.note,
  });
  await captureThread({ portalId: '62515', threadId, announced: NOTHING, requestId: 'bench' });
  await actors.resolve({ requestId: 'bench', remainingMs: () => Infinity });
}
