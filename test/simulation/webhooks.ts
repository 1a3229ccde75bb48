import { createReceiveWebhook } from '../../functions/webhook/receive.ts';
import { type SendThreads } from '../../functions/thread-queue/queued-thread.ts';
import { type WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import { signV3 } from '../../local/simulated-hubspot/signing.ts';
import { RETRY_DELAYS_MS } from '../../local/simulated-hubspot/webhook-sender.ts';
import { type Choice, type Draw } from './choices.ts';
import { createLife, type Life } from './life.ts';
import { findMarkers, MARKERS } from './markers.ts';
import { type Queue } from './queue.ts';
import { type Stage } from './stage.ts';

const URL_OF_APP = 'https://archive.example.net/webhook';
// HubSpot's own: what has no answer by then has failed.
const TIME_LIMIT_MS = 5_000;
const MOST_GATHERED = 100;

type Events = readonly WebhookEvent[];
type Request = { events: Events; attempt: number };

/**
 * HubSpot's webhooks, and the receiver that answers them: each request is an invocation of its own. HubSpot sends events
 * twice, late and out of order, and again for a day when it saw no answer.
 */
export function createWebhooks(
  stage: Stage,
  queue: Queue,
  vary: (sendThreads: SendThreads) => SendThreads,
): { send: (events: Events) => void; signatures: Set<string> } {
  const { clock, choices } = stage;
  const { gatherFor } = stage.plan.settings;
  const gathered: WebhookEvent[] = [];
  const signatures = new Set<string>();
  let requests = 0;

  /** HubSpot gathers events for a while, up to a hundred. */
  function send(events: Events): void {
    if (gatherFor === 0) dispatch(events);
    for (const event of gatherFor === 0 ? [] : events) {
      gathered.push(event);
      if (gathered.length === MOST_GATHERED) dispatch(gathered.splice(0));
      if (gathered.length !== 1) continue;
      clock.after(gatherFor, () => {
        dispatch(gathered.splice(0));
      });
    }
  }

  function dispatch(events: Events): void {
    if (events.length === 0) return;
    const choice = choices.take('event', (random) => stage.draw(random, 'webhook', drawSendFault));
    if (choice.fault !== undefined) stage.count(`event ${choice.fault}`);
    clock.after(choice.fault === 'held' ? (choice.value ?? 0) : 0, () => {
      post({ events, attempt: 0 });
    });
    if (choice.fault !== 'twice') return;
    clock.after(choice.value ?? 0, () => {
      post({ events, attempt: 0 });
    });
  }

  function post({ events, attempt }: Request): void {
    const life = createLife(`webhook ${++requests}`);
    let isSettled = false;
    const settle = (status: number): void => {
      if (isSettled) return;
      isSettled = true;
      const isDelivered = status >= 200 && status < 300;
      stage.trace(() => `${life.name} ${isDelivered ? 'delivered' : 'failed'} (${status})`);
      const delay = RETRY_DELAYS_MS[attempt];
      if (isDelivered) checkAccepted(events);
      else if (delay !== undefined) {
        clock.after(delay, () => {
          post({ events, attempt: attempt + 1 });
        });
      }
    };
    clock.after(TIME_LIMIT_MS, () => {
      settle(0);
    });
    const choice = choices.take('webhook', (random) =>
      stage.draw(random, 'webhook', () => ({ fault: 'answer lost' })),
    );
    if (choice.fault !== undefined) stage.count(`webhook ${choice.fault}`);
    void receive(life, { events, attempt }).then((status) => {
      if (!life.isAlive) return;
      clock.after(choice.after ?? 1, () => {
        settle(choice.fault === undefined ? status : 0);
      });
    });
  }

  async function receive(life: Life, { events, attempt }: Request): Promise<number> {
    const body = JSON.stringify(events.map((event) => ({ ...event, attemptNumber: attempt })));
    const timestamp = String(clock.now());
    const signature = signV3(MARKERS.clientSecret, { method: 'POST', uri: URL_OF_APP, body, timestamp });
    signatures.add(signature);
    const headers = { 'x-hubspot-request-timestamp': timestamp, 'x-hubspot-signature-v3': signature };
    const receiveWebhook = createReceiveWebhook({
      portals: ['62515'],
      clientSecret: () => Promise.resolve({ current: MARKERS.clientSecret }),
      sendThreads: vary(queue.senderFor(life)),
      now: () => clock.now() + stage.plan.settings.receiverSkew,
    });
    const request = {
      method: 'POST',
      url: URL_OF_APP,
      headers,
      body: Buffer.from(body),
      requestId: life.name,
    };
    const { status, body: answer, outcome } = await receiveWebhook(request);
    const leaked = findMarkers(`${answer}${JSON.stringify(outcome)}`, signatures);
    if (leaked.length > 0) stage.violate(9, `the receiver tells ${leaked.join(', ')}`);
    return status;
  }

  /** HubSpot will not send these again, so the queue must have them. */
  function checkAccepted(events: Events): void {
    for (const { objectId, messageId } of events) {
      const isQueued = queue.accepted.some(
        ({ thread }) =>
          thread.threadId === String(objectId) &&
          (messageId === undefined || thread.messageIds.includes(messageId)),
      );
      if (!isQueued) stage.violate(1, `an event of thread ${objectId} was acknowledged and not queued`);
    }
  }

  return { send, signatures };
}

function drawSendFault(random: Draw): Choice {
  return { fault: random.pick(['twice', 'held']), value: random.int(1, 60_000) };
}
