import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCaptureThread } from '../functions/archive/capture.ts';
import { type ObjectStore } from '../functions/archive/store.ts';
import { createConversations } from '../functions/hubspot/conversations.ts';
import { createHubSpotGet } from '../functions/hubspot/http.ts';
import { createPacer } from '../functions/hubspot/pacer.ts';
import { createSources } from '../functions/hubspot/sources.ts';
import { SIMULATED_ACCESS_TOKEN } from '../local/simulated-hubspot/simulated-hubspot.ts';
import { type SimulatedThread } from './simulated-thread.ts';

const NOTHING = { messageIds: [], occurredAt: Date.now(), firstTry: true };

/** Archives a simulated thread, as fast as it can be read. */
export async function capture(
  { apiUrl, threadId }: Pick<SimulatedThread, 'apiUrl' | 'threadId'>,
  store: ObjectStore,
): Promise<void> {
  const clock = { now: Date.now, sleep: () => Promise.resolve() };
  const accessToken = () => Promise.resolve(SIMULATED_ACCESS_TOKEN);
  const http = { apiUrl, accessToken, pacer: createPacer(Infinity, clock), clock };
  const files = {
    attachmentHosts: [],
    maxBytes: 1e8,
    folder: path.join(tmpdir(), 'threadvault-bench-files'),
  };
  const captureThread = createCaptureThread({
    conversations: createConversations(createHubSpotGet(http), 'v3'),
    apiVersion: 'v3',
    store,
    sources: createSources(http, { apiVersion: 'v3', files }),
    settlingMs: 0,
  });
  await captureThread({ portalId: '62515', threadId, announced: NOTHING, requestId: 'bench' });
}
