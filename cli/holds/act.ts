import { recordHoldAct } from '../../functions/holds/hold-record.ts';
import { holdVersions, releaseVersions } from '../../functions/holds/hold-thread.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { type OpenArchive } from '../archive-place.ts';
import { forEachThread } from '../thread-choice.ts';
import { readHolds } from './held-threads.ts';
import { type HoldCommand, type HoldTarget } from './options.ts';

/** What came of an act for one thread. */
export type ActOutcome = {
  id: ThreadId;
  /** The cases that hold it now. */
  cases: readonly string[];
  /** Versions that were held or released; null where there are no such locks. */
  versions: number | null;
};

/** Who acts, when, and in which run of the command. */
export type Actor = { by: string; at: number; requestId: string };

/** An act to be carried out. */
export type HoldActCommand = Extract<HoldCommand, { name: 'add' | 'remove' }>;

/**
 * Puts a hold on threads, or removes one, thread by thread: first the record, then the versions. Idempotent, and can be cut
 * off anywhere: repeating goes on.
 * @param onDone hears of each thread when it is done
 * @throws what the store throws; the threads before are done
 */
export async function carryOut(
  archive: OpenArchive,
  { name, target, caseName, reason }: Omit<HoldActCommand, 'place'>,
  actor: Actor,
  onDone: (outcome: ActOutcome) => void,
): Promise<void> {
  const deps = { store: archive, versions: archive };
  for (const id of await targetsOf(archive, target)) {
    const hold = await recordHoldAct(archive, id, { act: name, caseName, reason, ...actor });
    const isHeld = hold?.held === true;
    const { locks } = archive;
    const setVersions = isHeld ? holdVersions : releaseVersions;
    // Without a record there was never a hold of ours, and what somebody else holds is not ours to release.
    const versions = locks && hold ? await setVersions(deps, id, locks) : null;
    onDone({ id, cases: hold?.cases ?? [], versions });
  }
}

async function targetsOf(archive: OpenArchive, target: HoldTarget): Promise<ThreadId[]> {
  const { threads, contact, ofCase } = target;
  if (threads !== undefined) return [...threads];
  const ids: ThreadId[] = [];
  if (contact !== undefined) {
    await forEachThread(archive, { contact }, ({ id }) => Promise.resolve(void ids.push(id)));
    return ids;
  }
  for await (const { id, hold } of readHolds(archive)) {
    // Also those that the case was removed from, so that a run that was cut off is gone on with.
    if (hold.history.some(({ case_name }) => case_name === ofCase)) ids.push(id);
  }
  return ids;
}
