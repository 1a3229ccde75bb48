import { MalformedEventsError, safeReason, SignatureError } from '../errors.ts';
import { parseEvents } from '../hubspot/events.ts';
import { checkSignatureHeaders, type SignedRequest, verifySignature } from '../hubspot/signature.ts';
import { type Secret } from '../secrets.ts';
import { type SendThreads } from '../thread-queue/queued-thread.ts';
import { groupByThread, type IgnoredEvent } from './group-by-thread.ts';

/** A request as it arrived, whichever server took it. Header names are in lower case. */
export type WebhookRequest = {
  method: string;
  /** The full URL as HubSpot called it. */
  url: string;
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** Of this invocation; goes with the threads onto the queue. */
  requestId: string;
};

/** The answer to HubSpot, and what to say of it in our own log and metrics. Ids and counts, never content. */
export type WebhookAnswer = { status: number; body: string; outcome: WebhookOutcome };
/**
 * `refused` was not HubSpot, as far as anyone can tell. `malformed` was, and did not send what it promises. `failed` is
 * our own trouble.
 */
export type WebhookOutcome =
  | { result: 'accepted'; events: number; threads: number; ignored: IgnoredEvent[] }
  | { result: 'refused' | 'malformed' | 'failed'; reason: string };

/** What receiving works with. */
export type ReceiveDeps = {
  portals: readonly string[];
  clientSecret: Secret<{ current: string; previous?: string | undefined }>;
  sendThreads: SendThreads;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** The largest body that is looked at. A hundred events are some 30 KB. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * Takes one webhook request to the thread queue. The order never changes: size and headers, signature over the bytes as
 * they came, JSON, queue; 2xx only after the queue has accepted every thread. HubSpot repeats anything else for 24 h.
 * Never throws; never says more than a fixed phrase to whoever asked.
 */
export function createReceiveWebhook(deps: ReceiveDeps): (request: WebhookRequest) => Promise<WebhookAnswer> {
  return async (request) => {
    try {
      return checkEnvelope(request) ?? (await receive(deps, request));
    } catch (error) {
      if (error instanceof SignatureError) return refuse(401, error.reason);
      if (error instanceof MalformedEventsError)
        return answer(400, { result: 'malformed', reason: error.message });
      return answer(503, { result: 'failed', reason: safeReason(error) });
    }
  };
}

async function receive(deps: ReceiveDeps, request: WebhookRequest): Promise<WebhookAnswer> {
  const receivedAt = deps.now();
  await authenticate(deps, request, receivedAt);
  const events = parseEvents(request.body);
  const { portals } = deps;
  const { threads, ignored } = groupByThread(events, { portals, receivedAt, requestId: request.requestId });
  if (threads.length > 0) await deps.sendThreads(threads);
  return answer(200, { result: 'accepted', events: events.length, threads: threads.length, ignored });
}

async function authenticate(
  { clientSecret }: ReceiveDeps,
  request: WebhookRequest,
  nowMs: number,
): Promise<void> {
  const { method, url, body } = request;
  const signed: SignedRequest = {
    method,
    url,
    body,
    signature: request.headers['x-hubspot-signature-v3'],
    timestamp: request.headers['x-hubspot-request-timestamp'],
  };
  // Needs no secret, so a flood of junk costs no call to Secrets Manager.
  checkSignatureHeaders(signed, nowMs);
  const known = await clientSecret();
  try {
    verifySignature(signed, secrets(known), nowMs);
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    // The secret may have been rotated a moment ago.
    const fresh = await clientSecret({ fresh: true });
    if (fresh === known) throw error;
    verifySignature(signed, secrets(fresh), nowMs);
  }
}

function secrets({ current, previous }: { current: string; previous?: string | undefined }): string[] {
  return previous === undefined ? [current] : [current, previous];
}

/** What can be refused before anything is computed. Undefined when there is nothing to refuse. */
function checkEnvelope({ method, headers, body }: WebhookRequest): WebhookAnswer | undefined {
  if (method !== 'POST') return refuse(405, 'method');
  if (body.length > MAX_BODY_BYTES) return refuse(413, 'size');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return refuse(415, 'content encoding');
  // HubSpot does not document its content type, so only what cannot be JSON is turned away.
  if (/^(multipart|image|audio|video)\/|form-urlencoded/i.test(headers['content-type'] ?? '')) {
    return refuse(415, 'content type');
  }
  return undefined;
}

const PHRASES = {
  200: 'ok',
  400: 'bad request',
  401: 'unauthorized',
  405: 'method not allowed',
  413: 'payload too large',
  415: 'unsupported media type',
  503: 'try again later',
} as const;

function answer(status: keyof typeof PHRASES, outcome: WebhookOutcome): WebhookAnswer {
  return { status, body: `{"status":"${PHRASES[status]}"}`, outcome };
}

function refuse(status: 401 | 405 | 413 | 415, reason: string): WebhookAnswer {
  return answer(status, { result: 'refused', reason });
}
