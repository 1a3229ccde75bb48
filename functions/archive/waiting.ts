import { ConfigError, HubSpotError, StoreError } from '../errors.ts';
import { LONGEST_DELAY_SECONDS, type QueuedThread, type QueueRecord } from '../thread-queue/queued-thread.ts';

/** When to come back to a thread, and whether it is the thread's own fault that one must. */

const FIRST_WAIT_SECONDS = 5;
const LEAST_WAIT_GROWS_TO_SECONDS = 60;
// With 5 + 10 + … + 640 s between them, HubSpot has had twenty minutes to show a message before it is noted as unseen.
const MAX_LOOKS = 9;
// Trouble that lasts longer than this needs a human, even if it is HubSpot's own.
const PATIENCE_MS = 2 * 24 * 3_600_000;
// The access token; and, with 404, an account of which HubSpot shows no threads at all. Of a thread that is gone no error tells.
const OPERATORS_BUSINESS: ReadonlySet<number | undefined> = new Set([401, 403, 404]);

/** How often a record's thread has been tried in vain before: as this record, and as those that it took the place of. */
export function triesOf({ record, queued }: { record: QueueRecord; queued: QueuedThread }): number {
  return queued.waits + record.receiveCount - 1;
}

/** Whether a message that HubSpot does not show is looked for once more, when so many fetches have not found it. */
export function looksAgain(looks: number): boolean {
  return looks < MAX_LOOKS;
}

/**
 * Seconds until the next try: as long as we are told, otherwise longer each time; 15 minutes at most. What HubSpot itself
 * says is no less than what grows to a minute, since it may say a second for hours.
 */
export function secondsToWait(error: unknown, tries: number): number {
  const refusal = error instanceof HubSpotError ? error : undefined;
  const toldMs = refusal?.retryAfterMs;
  const growing = FIRST_WAIT_SECONDS * 2 ** tries;
  if (toldMs === undefined) return Math.min(growing, LONGEST_DELAY_SECONDS);
  // Without a status it is the circuit that says so, and its pauses grow by themselves.
  const least = refusal?.status === undefined ? 0 : Math.min(growing, LEAST_WAIT_GROWS_TO_SECONDS);
  return Math.min(Math.max(Math.ceil(toldMs / 1000), least), LONGEST_DELAY_SECONDS);
}

/**
 * Whether a failure says nothing against the thread: HubSpot is down, slow or out of quota, the archive's store is, or an
 * operator has yet to put a working access token, or a version of the API that HubSpot still has. Such a thread waits for two
 * days and no try is counted against it.
 */
export function isHealthy(error: unknown, ageMs: number): boolean {
  if (ageMs > PATIENCE_MS) return false;
  if (error instanceof HubSpotError) return error.transient || OPERATORS_BUSINESS.has(error.status);
  return error instanceof StoreError || error instanceof ConfigError;
}
