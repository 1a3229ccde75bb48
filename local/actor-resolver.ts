import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Actors, type ResolveOutcome } from '../functions/directory/resolve-actors.ts';

// Long enough for the actors of several threads to share a call.
const EVERY_MS = 1_000;

/**
 * Sees to noted actors once a second, beside the workers that archive threads and in nobody's way.
 * @param onFailed hears when some could not be archived
 * @returns ends it; resolves when those noted so far have been seen to
 */
export function startActorResolver(
  actors: Actors,
  onFailed: (outcome: ResolveOutcome) => void,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();

  async function resolve(): Promise<void> {
    const outcome = await actors.resolve({ requestId: randomUUID(), remainingMs: () => Infinity });
    if (outcome.failed > 0) onFailed(outcome);
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
