import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type HubSpotHttpOptions } from '../../functions/hubspot/http.ts';
import { createPacer } from '../../functions/hubspot/pacer.ts';
import { type SourcesOptions } from '../../functions/hubspot/sources.ts';
import {
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';

/** A simulated HubSpot behind a socket, and what it takes to call it: as fast as can be, and without waiting. */
export async function simulatedApi(hubspot: SimulatedHubSpot) {
  const server = await hubspot.listen();
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-test-files-'));
  const clock = { now: Date.now, sleep: () => Promise.resolve() };
  const http: HubSpotHttpOptions = {
    apiUrl: server.url,
    accessToken: () => Promise.resolve(SIMULATED_ACCESS_TOKEN),
    pacer: createPacer(Infinity, clock),
    clock,
  };
  const files = (change: Partial<NonNullable<SourcesOptions['files']>> = {}) => ({
    attachmentHosts: [],
    maxBytes: 1_000_000,
    folder,
    ...change,
  });
  return {
    http,
    files,
    /** Temporary files that are there now. */
    temporaryFiles: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
    /** Paths that were called since the last time, in their order. */
    takeCalls: () => {
      const paths = hubspot.log.calls.map((call) => call.path);
      hubspot.log.clear();
      return paths;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
