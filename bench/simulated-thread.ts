import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { addOldThread } from '../local/simulated-hubspot/history.ts';
import { createSimulatedHubSpot } from '../local/simulated-hubspot/simulated-hubspot.ts';

/** A simulated HubSpot with one long thread, on a thread of its own as HubSpot is on a machine of its own. */
export type SimulatedThread = { apiUrl: string; threadId: string; stop: () => Promise<number> };

const readySchema = z.object({ apiUrl: z.string(), threadId: z.string() });
const sizeSchema = z.object({ messages: z.int(), days: z.number() });

/** Starts it; every page is full, and nothing is limited. */
export async function startSimulatedThread(size: {
  messages: number;
  days: number;
}): Promise<SimulatedThread> {
  const worker = new Worker(new URL(import.meta.url), { workerData: size });
  const messages: unknown[] = await once(worker, 'message');
  return { ...readySchema.parse(messages[0]), stop: () => worker.terminate() };
}

if (!isMainThread && parentPort !== null) {
  const { messages, days } = sizeSchema.parse(workerData);
  const hubspot = createSimulatedHubSpot({
    paging: { shortPages: 0, emptyPages: 0, danglingCursors: 0 },
    rateLimits: { tenSecondly: Infinity, daily: Infinity },
  });
  // What the listing leaves out would be measured otherwise.
  const fields = { attachments: [], truncationStatus: 'NOT_TRUNCATED' };
  const threadId = addOldThread(hubspot.world, { threadId: '6065362089', entries: messages, days, fields });
  const { url } = await hubspot.listen();
  parentPort.postMessage({ apiUrl: url, threadId });
}
