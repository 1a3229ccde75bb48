import { type QueuedThread } from '../functions/thread-queue/queued-thread.ts';
import { createReceiveWebhook, type WebhookRequest } from '../functions/webhook/receive.ts';
import { buildEvent } from '../local/simulated-hubspot/events.ts';
import { createRandom } from '../local/simulated-hubspot/random.ts';
import { signedHeaders } from '../local/simulated-hubspot/signing.ts';
import { median, timeMs } from './measure.ts';

const EVENTS = 100;
const ROUNDS = 500;
const LIMIT_MS = 2;
const CLIENT_SECRET = 'bench-client-secret';
const URL_CALLED = 'https://example.com/webhook';

/**
 * receive-webhook's logic for a request of 100 events on 100 threads, with a queue in this process: the median time from
 * bytes to answer. Prints it; false when it is over the limit.
 */
export async function benchReceiveWebhook(): Promise<boolean> {
  let queued = 0;
  const receive = createReceiveWebhook({
    portals: ['62515'],
    clientSecret: () => Promise.resolve({ current: CLIENT_SECRET }),
    sendThreads: (threads: readonly QueuedThread[]) => {
      queued += threads.length;
      return Promise.resolve();
    },
    now: Date.now,
  });
  const request = webhookOf100Events();
  const times = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await timeMs(() => receive(request)));
  if (queued !== ROUNDS * EVENTS) throw new Error(`${queued} threads queued instead of ${ROUNDS * EVENTS}`);

  const ms = median(times);
  console.log(`receive-webhook, ${EVENTS} events on ${EVENTS} threads, median of ${ROUNDS}:`);
  console.log(`  ${ms.toFixed(2)} ms (limit ${LIMIT_MS} ms)`);
  return ms <= LIMIT_MS;
}

function webhookOf100Events(): WebhookRequest {
  const world = { random: createRandom(1), portalId: 62515, appId: 1 };
  const events = Array.from({ length: EVENTS }, (_, number) =>
    buildEvent(
      world,
      { threadId: String(6_065_362_089 + number), number, occurredAt: Date.now() },
      {
        subscriptionType: 'conversation.newMessage',
        messageId: '9b38dc6d5b5744a788931a9cf3a7b225',
        messageType: 'MESSAGE',
      },
    ),
  );
  const body = JSON.stringify(events);
  const headers = signedHeaders(CLIENT_SECRET, { uri: URL_CALLED, body, timestamp: String(Date.now()) });
  return { method: 'POST', url: URL_CALLED, headers, body: Buffer.from(body), requestId: 'bench' };
}
