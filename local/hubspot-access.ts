import { setTimeout as sleep } from 'node:timers/promises';
import { createHubSpotHttp, type HubSpotHttp, type HubSpotHttpOptions } from '../functions/hubspot/http.ts';
import { type Clock, createPacer } from '../functions/hubspot/pacer.ts';
import { type ApiVersion } from '../functions/hubspot/paths.ts';

/** How HubSpot is called by a process that has one access token. */
export type HubSpotAccessOptions = {
  /** Origin of the API. */
  apiUrl: string;
  apiVersion: ApiVersion;
  accessToken: string;
  /** All calls of the process together. */
  requestsPerSecond: number;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch;
};

/** HubSpot's API, for everything in a process: one pacer, and one knowledge of HubSpot's being down. */
export type HubSpotAccess = HubSpotHttp & {
  apiVersion: ApiVersion;
  clock: Clock;
  /** What it is called with, for callers that want a circuit of their own. */
  http: HubSpotHttpOptions;
};

/** A way to HubSpot. Makes no call. */
export function createHubSpotAccess({
  apiUrl,
  apiVersion,
  accessToken,
  requestsPerSecond,
  clock = { now: Date.now, sleep: (ms) => sleep(ms) },
  fetch = globalThis.fetch,
}: HubSpotAccessOptions): HubSpotAccess {
  const http: HubSpotHttpOptions = {
    apiUrl,
    accessToken: () => Promise.resolve(accessToken),
    pacer: createPacer(requestsPerSecond, clock),
    clock,
    fetch,
  };
  return { ...createHubSpotHttp(http), apiVersion, clock, http };
}
