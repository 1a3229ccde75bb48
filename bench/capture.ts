import { createCaptureThread } from '../functions/archive/capture.ts';
import { type ObjectStore } from '../functions/archive/store.ts';
import { createActors } from '../functions/directory/resolve-actors.ts';
import { createReadActors } from '../functions/hubspot/actors.ts';
import { createConversations } from '../functions/hubspot/conversations.ts';
import { createHubSpotHttp } from '../functions/hubspot/http.ts';
import { createPacer } from '../functions/hubspot/pacer.ts';
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
  const hubSpot = createHubSpotHttp({ apiUrl, accessToken, pacer: createPacer(Infinity, clock), clock });
  const conversations = createConversations(hubSpot.get, 'v3');
  const actors = createActors({ store, readActors: createReadActors(hubSpot.post, 'v3'), now: Date.now });
  const deps = { conversations, apiVersion: 'v3', store, settlingMs: 0, noteActors: actors.note };
  await createCaptureThread(deps)({ portalId: '62515', threadId, announced: NOTHING, requestId: 'bench' });
  await actors.resolve({ requestId: 'bench', remainingMs: () => Infinity });
}
