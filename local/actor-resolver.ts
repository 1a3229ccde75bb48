import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Actors } from '../functions/directory/resolve-actors.ts';

// Long enough for the actors of several threads to share a call.
const EVERY_MS = 1_000;

/**
 * Sees to noted actors once a second, beside the workers that archive threads and in nobody's way.
 * @param onNotice hears, in a line, of how many could not be archived, and why
 * @returns ends it; resolves when those noted so far have been seen to
 */
export function startActorResolver(
  actors: Actors,
  onNotice: (notice: string) => void,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();

  async function resolve(): Promise<void> {
    const { failed, reason = 'unknown reason' } = await actors.resolve({
      requestId: randomUUID(),
      remainingMs: () => Infinity,
    });
    if (failed > 0) onNotice(`${failed} actors not archived, tried again later: ${reason}`);
  }
  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      await resolve();
    }
  }

  const working = work();
  return {
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}
