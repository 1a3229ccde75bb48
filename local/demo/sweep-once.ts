import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HubSpotError } from '../../functions/errors.ts';
import { createFolderSweep, type FolderSweepOptions } from '../sweeper.ts';

/** What a round of sweeping did: how many threads HubSpot listed, in the trash and outside, and how many were queued. */
export type Swept = { listed: number; queued: number };

// Time runs ten times as fast here as elsewhere.
const HASTE = 10;
// Histories of the demonstration go back 120 days.
const CHOSEN = { sweepMinutes: 60, fullSweepDays: 0, fullSweepWindowDays: 365 };

/**
 * Sweeps an account once in every way, the full round included: what no event has announced is queued then.
 * @throws HubSpotError when a list could not be read to its end
 */
export async function sweepOnce({
  portalId,
  ...options
}: Pick<FolderSweepOptions, 'store' | 'queue' | 'get' | 'hubspotApiVersion' | 'coalesceMs'> & {
  portalId: string;
}): Promise<Swept> {
  const { send, size } = options.queue;
  const sweep = createFolderSweep({
    ...options,
    ...CHOSEN,
    // The workers are through with ten times as many in the same time.
    queue: { send, size: () => size() / HASTE },
    sleep: (ms) => sleep(ms / HASTE),
  });
  const { passes, failures } = await sweep({ portalId, requestId: randomUUID(), hasTime: () => true });
  const unfinished = passes.filter(({ status }) => status !== 'finished').map(({ reason }) => reason ?? '');
  const [reason] = [...unfinished, ...failures];
  if (reason !== undefined) throw new HubSpotError(`the sweep did not come to its end: ${reason}`);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    // Those with new messages are in the full round too.
    listed: sum(passes.filter(({ pass }) => pass !== 'recent').map(({ listed }) => listed)),
    queued: sum(passes.map(({ queued }) => queued)),
  };
}
