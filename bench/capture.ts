import { createCaptureThread } from '../functions/archive/capture.ts';
import { type ObjectStore } from '../functions/archive/store.ts';
import { createConversations } from '../functions/hubspot/conversations.ts';
import { createHubSpotGet } from '../functions/hubspot/http.ts';
import { createPacer } from '../functions/hubspot/pacer.ts';
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
  const get = createHubSpotGet({ apiUrl, accessToken, pacer: createPacer(Infinity, clock), clock });
  const conversations = createConversations(get, 'v3');
  const captureThread = createCaptureThread({ conversations, apiVersion: 'v3', store, settlingMs: 0 });
  await captureThread({ portalId: '62515', threadId, announced: NOTHING, requestId: 'bench' });
}
