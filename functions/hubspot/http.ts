import * as z from 'zod/mini';
import { HubSpotError } from '../errors.ts';
import { createCircuit } from './circuit.ts';
import { type Clock, type Pacer } from './pacer.ts';

/** What a call to HubSpot needs: where, as whom, how fast, and the outside world to do it with. */
export type HubSpotHttpOptions = {
  /** Origin of the API, e.g. `https://api.hubapi.com`. */
  apiUrl: string;
  /** The access token of an account; `fresh` asks for one read again because HubSpot refused the cached one. */
  accessToken: (portalId: string, options?: { fresh: boolean }) => Promise<string>;
  pacer: Pacer;
  clock: Clock;
  /** Defaults to the global one. */
  fetch?: typeof globalThis.fetch;
};

/** An answer: its text, undefined for 404, and when it was given by HubSpot's clock, milliseconds since 1970. */
export type HubSpotAnswer = { text: string | undefined; answeredAt: number };

/** GETs a path of HubSpot's API for an account. */
export type HubSpotGet = (portalId: string, path: string) => Promise<HubSpotAnswer>;

/** POSTs JSON to a path of HubSpot's API for an account. Only for what may be asked twice: it is repeated as a GET is. */
export type HubSpotPost = (portalId: string, path: string, body: unknown) => Promise<HubSpotAnswer>;

/** The two ways of calling HubSpot. They share the pacer, and what is known of its being down. */
export type HubSpotHttp = { get: HubSpotGet; post: HubSpotPost };

/** A call that has no whole answer after this long is given up. */
const CALL_TIMEOUT_MS = 20_000;
/**
 * How far our clock may be from HubSpot's, either way. An answer that does not say when it was given is taken for this much
 * older than our clock says: a fetch may be dated too early, which costs another one, but never too late. So is one that says
 * a time further ahead of our clock.
 */
const CLOCK_DOUBT_MS = 900_000;
/** Calls per request before the queue's own, longer wait takes over. */
const MAX_ATTEMPTS = 4;
/** A longer wait than this is the queue's business: a Lambda that sleeps is paid for. */
const MAX_WAIT_MS = 15_000;
/** HubSpot's burst window, and so the wait after a 429 that names none. */
const BURST_WINDOW_MS = 10_000;
/** A used-up day ends at midnight of the account's time zone; until then one call an hour asks whether it has. */
const DAILY_LIMIT_WAIT_MS = 3_600_000;

/** {@link createHubSpotHttp} for those who only read what has an address of its own. */
export function createHubSpotGet(options: HubSpotHttpOptions): HubSpotGet {
  return createHubSpotHttp(options).get;
}

/**
 * Paced calls that wait out short trouble: connection failures, time-outs, 423, 429, 477 and 5xx are tried up to four
 * times while the wait stays under 15 s; a 401 is tried once more with a token read again. While HubSpot cannot answer
 * anything, calls fail at once, and one at a time finds out whether it can again; see `circuit.ts`.
 * @throws HubSpotError from every call, with the status and, when HubSpot said so, `retryAfterMs`
 */
export function createHubSpotHttp(options: HubSpotHttpOptions): HubSpotHttp {
  const { accessToken, pacer, clock } = options;
  const circuit = createCircuit(clock.now);

  async function call(portalId: string, path: string, body?: string): Promise<HubSpotAnswer> {
    let { isTrial } = circuit.check(portalId);
    let token = await accessToken(portalId);
    let tokenReadAgain = false;
    for (let attempt = 1; ; attempt++) {
      await pacer.turn();
      // It may have been opened by another caller while this one waited.
      if (!isTrial) ({ isTrial } = circuit.check(portalId));
      const answer = await callOnce(options, { portalId, path, token, body });
      if (!(answer instanceof HubSpotError) || !answer.transient) circuit.closed(portalId);
      if (!(answer instanceof HubSpotError)) return answer;
      if (answer.status === 401 && !tokenReadAgain) {
        tokenReadAgain = true;
        token = await accessToken(portalId, { fresh: true });
        continue;
      }
      if (!answer.transient) throw answer;
      const waitMs = answer.retryAfterMs ?? backOffMs(answer.status, attempt);
      const waitsHere = waitMs <= MAX_WAIT_MS;
      // A rate limit concerns every caller of this process, anything else only this one.
      if (answer.status === 429 && waitsHere) pacer.pause(waitMs);
      // Whether HubSpot is back is found out by one call.
      if (attempt === MAX_ATTEMPTS || isTrial || !waitsHere) {
        // What is POSTed is beside the archive: no thread waits because it fails, unless a limit of all calls is used up.
        if (body === undefined || answer.status === 429) circuit.failed(portalId, path, answer);
        throw answer;
      }
      if (answer.status !== 429) await clock.sleep(waitMs);
    }
  }

  return {
    get: (portalId, path) => call(portalId, path),
    post: (portalId, path, body) => call(portalId, path, JSON.stringify(body)),
  };
}

async function callOnce(
  { apiUrl, clock, fetch = globalThis.fetch }: HubSpotHttpOptions,
  {
    portalId,
    path,
    token,
    body,
  }: { portalId: string; path: string; token: string; body: string | undefined },
): Promise<HubSpotAnswer | HubSpotError> {
  const called = `${body === undefined ? 'GET' : 'POST'} ${path} of account ${portalId}`;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  try {
    const response = await fetch(new URL(path, apiUrl), {
      ...(body === undefined
        ? { headers }
        : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }),
      // A redirect would carry the token to wherever it points.
      redirect: 'error',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await response.text();
    const answeredAt = dateOf(response, clock.now()) ?? clock.now() - CLOCK_DOUBT_MS;
    if (response.ok) return { text, answeredAt };
    if (response.status === 404) return { text: undefined, answeredAt };
    return refusal(response, text, called);
  } catch (cause) {
    const message = `no whole answer from HubSpot to ${called}: ${kindOf(cause)}`;
    return new HubSpotError(message, { transient: true, cause });
  }
}

// fetch throws a TypeError whatever the matter is; the code of its cause says it, e.g. ENOTFOUND. Neither quotes anything.
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { name, cause } = error;
  return cause instanceof Error && 'code' in cause ? `${name} (${String(cause.code)})` : name;
}

// Whole seconds, rounded down (https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1).
function dateOf(response: Response, now: number): number | undefined {
  const date = Date.parse(response.headers.get('date') ?? '');
  // A fetch covers all that happened before it, and the next sweep is due after it: a time that has not come would count
  // until it does.
  return Number.isNaN(date) || date - now > CLOCK_DOUBT_MS ? undefined : date;
}

// "Retry later" by HubSpot's error-handling page: 423 locked, 429 rate, 477 account being moved, 5xx and the
// 52x of its CDN (https://developers.hubspot.com/docs/api-reference/error-handling, read November 2026).
function isTransient(status: number): boolean {
  return status === 423 || status === 429 || status === 477 || status >= 500;
}

function backOffMs(status: number | undefined, attempt: number): number {
  if (status === 429) return BURST_WINDOW_MS;
  const firstMs = status === 423 ? 2_000 : 300; // the page asks for at least 2 s after 423
  return firstMs * 2 ** (attempt - 1);
}

// The page says to treat every field of an error body as optional; CDN errors are HTML.
const errorBodySchema = z.looseObject({
  policyName: z.optional(z.string()),
  // It is logged, so it must be no more than an id.
  correlationId: z.catch(z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/))), undefined),
});

function refusal(response: Response, text: string, call: string): HubSpotError {
  const { status } = response;
  const { policyName, correlationId } = parseErrorBody(text);
  const about = correlationId === undefined ? '' : ` (correlation id ${correlationId})`;
  const told = retryAfterMs(response.headers.get('retry-after'));
  const waitMs = told ?? (status === 429 && policyName === 'DAILY' ? DAILY_LIMIT_WAIT_MS : undefined);
  return new HubSpotError(`HubSpot answered ${status} to ${call}${about}`, {
    status,
    retryAfterMs: waitMs,
    transient: isTransient(status),
  });
}

function parseErrorBody(text: string): z.infer<typeof errorBodySchema> {
  try {
    return z.safeParse(errorBodySchema, JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

function retryAfterMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
