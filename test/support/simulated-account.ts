import { createHubSpotHttp, type HubSpotHttpOptions } from '../../functions/hubspot/http.ts';
import { createPacer } from '../../functions/hubspot/pacer.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
  type SimulatedHubSpotOptions,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';

/** HubSpot's time at the start: 2 February 2026, 12:00 UTC. */
export const START = Date.UTC(2026, 1, 2, 12);
/** The account's id. */
export const PORTAL_ID = '62515';

/**
 * A simulated HubSpot on its best behaviour and the product's way of calling it, in one process and on one clock: turn
 * `clock.ms`, and both are at that time; HubSpot's answers say so much more as `clock.datedAheadMs`.
 */
export function simulatedAccount(options: SimulatedHubSpotOptions = {}) {
  const clock = { ms: START, datedAheadMs: 0 };
  const hubspot = createSimulatedHubSpot({
    now: () => clock.ms,
    late: { share: 0, maxMs: 0 },
    rateLimits: { tenSecondly: Infinity, daily: Infinity },
    ...options,
  });
  const waiting = { now: () => clock.ms, sleep: () => Promise.resolve() };
  const httpOptions: HubSpotHttpOptions = {
    apiUrl: 'https://api.hubapi.com',
    accessToken: () => Promise.resolve(SIMULATED_ACCESS_TOKEN),
    pacer: createPacer(Infinity, waiting),
    clock: waiting,
    fetch: (url, init) => answer(hubspot, String(url instanceof Request ? url.url : url), init, clock),
  };
  return { hubspot, http: createHubSpotHttp(httpOptions), httpOptions, clock };
}

function answer(
  { handle }: SimulatedHubSpot,
  url: string,
  init: RequestInit | undefined,
  clock: { ms: number; datedAheadMs: number },
): Promise<Response> {
  const { pathname, search } = new URL(url);
  const { status, headers, body, transport } = handle({
    method: init?.method ?? 'GET',
    path: `${pathname}${search}`,
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: typeof init?.body === 'string' ? init.body : '',
  });
  if (transport !== 'whole') return Promise.reject(new TypeError('fetch failed'));
  const date = new Date(clock.ms + clock.datedAheadMs).toUTCString();
  return Promise.resolve(new Response(body.toString(), { status, headers: { ...headers, date } }));
}
