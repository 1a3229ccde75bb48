import { type WebhookEvent } from './events.ts';
import { createRandom, type Random } from './random.ts';
import { signedHeaders } from './signing.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { postWebhook, type WebhookPost } from './webhook-post.ts';

/** How webhooks are sent. Times in milliseconds, shares between 0 and 1. */
export type WebhookSenderOptions = {
  /** Where requests go. */
  targetUrl: string;
  /** The URL that the signature is over, where something in front of the target changes it. Default: the target URL. */
  signedUrl?: string;
  /** Further headers, such as `host`. */
  headers?: Readonly<Record<string, string>>;
  clientSecret: string;
  /** Epoch milliseconds, for the timestamps that are signed. Default: Date.now. */
  now?: () => number;
  /** Default 1. */
  seed?: string | number;
  /** How long events are collected before they are sent. Default 100. */
  flushMs?: number;
  /** Default 100, HubSpot's own maximum. */
  maxEventsPerRequest?: number;
  /** Default 10, HubSpot's own. */
  maxRequestsInFlight?: number;
  /** Default 5000, HubSpot's own. */
  timeLimitMs?: number;
  /** The wait before each retry, with a jitter of up to half of it; as many retries as waits. Default: 10 in 24 h. */
  retryDelaysMs?: readonly number[];
  /** Share of events that are sent twice, in the same request or in different ones. Default 0. */
  duplicates?: number;
  /** Share of events that are held back for some rounds, so that later ones overtake them. Default 0. */
  reordered?: number;
  /** Sends a request and gives its status, 0 for none. Default: over HTTP. */
  post?: (request: WebhookPost) => Promise<number>;
};

/** Sends events until they are delivered or given up. */
export type WebhookSender = {
  send: (events: readonly WebhookEvent[]) => void;
  /** Resolves when everything that was sent has been delivered or given up. */
  drain: () => Promise<void>;
  /** Sends no further request and forgets what is waiting; resolves when no request is in flight. */
  stop: () => Promise<void>;
  readonly counts: WebhookCounts;
};

/** What a sender has done so far. */
export type WebhookCounts = {
  requests: number;
  failedRequests: number;
  /** Deliveries, those of duplicates included. */
  delivered: number;
  duplicated: number;
  retried: number;
  /** Given up after the last retry: HubSpot never sends them again. */
  dropped: number;
  mostInFlight: number;
};

const MINUTE_MS = 60_000;
/** Ten waits that come to 16 h, and with their jitter to 24 h at most: "up to 10 retries spread over 24 hours". */
export const RETRY_DELAYS_MS: readonly number[] = [1, 4, 10, 20, 40, 75, 120, 180, 210, 300].map(
  (m) => m * MINUTE_MS,
);

const DEFAULTS = {
  now: Date.now,
  seed: 1,
  flushMs: 100,
  maxEventsPerRequest: 100,
  maxRequestsInFlight: 10,
  timeLimitMs: 5_000,
  retryDelaysMs: RETRY_DELAYS_MS,
  duplicates: 0,
  reordered: 0,
  post: postWebhook,
};

const NOTHING_SENT: WebhookCounts = {
  requests: 0,
  failedRequests: 0,
  delivered: 0,
  duplicated: 0,
  retried: 0,
  dropped: 0,
  mostInFlight: 0,
};

type Unset = 'signedUrl' | 'headers';
type Settings = Required<Omit<WebhookSenderOptions, Unset>> & Pick<WebhookSenderOptions, Unset>;

/**
 * Sends webhooks as HubSpot does: signed arrays of events, a failed request's events again later, each counted up, signed
 * anew and in other company. Anything but 2xx within the limit has failed, 4xx too
 * (https://developers.hubspot.com/docs/api/webhooks and /docs/api-reference/error-handling, read November 2026).
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const settings: Settings = { ...DEFAULTS, ...options };
  const random = createRandom(settings.seed).fork('webhooks');
  const parts: Parts = { settings, random, queue: createEventQueue(), counts: { ...NOTHING_SENT } };
  const { queue, counts } = parts;
  let onIdle: (() => void)[] = [];
  const tellIdle = (): void => {
    if (pump.inFlight() > 0 || queue.size() > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  };
  const pump = createPump(parts, tellIdle);
  const timer = setInterval(() => {
    queue.endRound();
    pump.sendDue();
  }, settings.flushMs);
  const drain = (): Promise<void> =>
    new Promise((resolve) => {
      onIdle.push(resolve);
      tellIdle();
    });

  return {
    counts,
    send: (events) => {
      for (const event of events) enqueue(event, parts);
    },
    drain,
    stop: () => {
      clearInterval(timer);
      queue.close();
      return drain();
    },
  };
}

type Parts = { settings: Settings; random: Random; queue: EventQueue; counts: WebhookCounts };

/** Keeps as many requests in flight as there may be, while events are ready. */
function createPump(parts: Parts, onSettled: () => void): { sendDue: () => void; inFlight: () => number } {
  const { settings, queue, counts } = parts;
  let inFlight = 0;
  const sendRequest = async (events: readonly WebhookEvent[]): Promise<void> => {
    counts.requests++;
    counts.mostInFlight = Math.max(counts.mostInFlight, ++inFlight);
    const status = await settings.post(signedRequest(settings, events));
    inFlight--;
    settle(events, status, parts);
    sendDue();
    onSettled();
  };
  const sendDue = (): void => {
    while (inFlight < settings.maxRequestsInFlight) {
      const events = queue.take(settings.maxEventsPerRequest);
      if (events.length === 0) return;
      void sendRequest(events);
    }
  };
  return { sendDue, inFlight: () => inFlight };
}

function enqueue(event: WebhookEvent, { settings, random, queue, counts }: Parts): void {
  const { duplicates, reordered, flushMs } = settings;
  queue.hold(event, random.chance(reordered) ? random.int(1, 4) * flushMs : 0);
  if (!random.chance(duplicates)) return;
  counts.duplicated++;
  queue.hold(event, random.int(0, 3) * flushMs);
}

function settle(
  events: readonly WebhookEvent[],
  status: number,
  { settings, random, queue, counts }: Parts,
): void {
  if (status >= 200 && status < 300) {
    counts.delivered += events.length;
    return;
  }
  counts.failedRequests++;
  for (const event of events) {
    const delayMs = settings.retryDelaysMs[event.attemptNumber];
    if (delayMs === undefined) {
      counts.dropped++;
      continue;
    }
    counts.retried++;
    queue.hold({ ...event, attemptNumber: event.attemptNumber + 1 }, delayMs * (1 + random.next() / 2));
  }
}

function signedRequest(
  { targetUrl, signedUrl = targetUrl, clientSecret, now, timeLimitMs, headers = {} }: Settings,
  events: readonly WebhookEvent[],
): WebhookPost {
  const body = JSON.stringify(events);
  const timestamp = String(now());
  const signed = signedHeaders(clientSecret, { uri: signedUrl, body, timestamp });
  return { url: targetUrl, headers: { ...signed, ...headers }, body, timeLimitMs };
}
