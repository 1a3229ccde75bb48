import {
  type HoldPutter,
  type LegalHolds,
  type ObjectEraser,
  type ObjectStore,
  type ObjectVersion,
} from '../archive/store.ts';
import { daysWithParts, prefixesOfThread } from '../archive/thread-objects.ts';
import { readThreadRecord } from '../archive/thread-record.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { readErasure } from '../erase/erasure-record.ts';
import { type ThreadId } from '../thread-id.ts';
import { isThreadHeld } from './hold-record.ts';

/** What holding works with: an archive, and what lists its versions. */
export type HoldDeps = {
  store: Pick<ObjectStore, 'get'>;
  versions: Pick<ObjectEraser, 'listVersions'>;
};

const CONCURRENT_VERSIONS = 16;

/** Every version of every object of a thread, as far as it has content: parts, files and thread record. */
export async function* versionsOfThread(
  { store, versions }: HoldDeps,
  id: ThreadId,
): AsyncGenerator<ObjectVersion> {
  // A tombstone lists no parts; what a lock keeps of them is on the days that the erasure record lists.
  const [thread, erasure] = [await readThreadRecord(store, id), await readErasure(store, id)];
  const days = new Set([...daysWithParts(thread), ...(erasure?.erasure.days ?? [])]);
  for (const prefix of prefixesOfThread(id, days)) {
    for await (const version of versions.listVersions(prefix)) {
      if (version.isDeleteMark !== true) yield version;
    }
  }
}

/**
 * Puts a hold on every version of a thread that is there now. To be called after the hold record is written: what is written
 * later is held by its writer. Idempotent. Gives how many versions there are.
 */
export async function holdVersions(deps: HoldDeps, id: ThreadId, locks: HoldPutter): Promise<number> {
  let versions = 0;
  await forEachConcurrently(versionsOfThread(deps, id), CONCURRENT_VERSIONS, async (version) => {
    await locks.holdVersion(version);
    versions++;
  });
  return versions;
}

/**
 * Takes the holds from a thread that no case holds any more, and puts them back when one does by the time it is done. To be
 * called after the hold record is written. Idempotent. Gives how many versions there are.
 */
export async function releaseVersions(deps: HoldDeps, id: ThreadId, locks: LegalHolds): Promise<number> {
  let versions = 0;
  if (await isThreadHeld(deps.store, id)) return 0;
  await forEachConcurrently(versionsOfThread(deps, id), CONCURRENT_VERSIONS, async (version) => {
    await locks.releaseVersion(version);
    versions++;
  });
  if (await isThreadHeld(deps.store, id)) await holdVersions(deps, id, locks);
  return versions;
}

/** How many versions of a thread have a hold, and how many do not. */
export async function countHeld(
  deps: HoldDeps,
  id: ThreadId,
  locks: Pick<LegalHolds, 'isHeld'>,
): Promise<{ held: number; notHeld: number }> {
  const counts = { held: 0, notHeld: 0 };
  await forEachConcurrently(versionsOfThread(deps, id), CONCURRENT_VERSIONS, async (version) => {
    if (await locks.isHeld(version)) counts.held++;
    else counts.notHeld++;
  });
  return counts;
}
