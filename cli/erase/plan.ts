import { isThreadHeld } from '../../functions/holds/hold-record.ts';
import { versionsOfThread } from '../../functions/holds/hold-thread.ts';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { formatTable } from '../../local/text-table.ts';
import { type ArchiveReader } from '../archive-place.ts';
import { forEachThread, type ThreadChoice } from '../thread-choice.ts';

/** A thread that is to be erased, and what there is of it. */
export type DoomedThread = {
  id: ThreadId;
  objects: number;
  versions: number;
  state: 'to be erased' | 'held' | 'erased before';
};

/**
 * What erasing the chosen threads would come to. Changes nothing. Locks with a date are not looked up: they are found when a
 * version is to go.
 * @throws CorruptArchiveError, what the store throws
 */
export async function planErasure(reader: ArchiveReader, choice: ThreadChoice): Promise<DoomedThread[]> {
  const doomed: DoomedThread[] = [];
  await forEachThread(reader, choice, async ({ id, known }) => {
    const keys = new Set<string>();
    let versions = 0;
    for await (const { key } of versionsOfThread({ store: reader, versions: reader }, id)) {
      keys.add(key);
      versions++;
    }
    const isErased = known?.record.erasure_outcome === 'erased';
    const isHeld = await isThreadHeld(reader, id);
    const state = isErased ? 'erased before' : isHeld ? 'held' : 'to be erased';
    doomed.push({ id, objects: keys.size, versions, state });
  });
  return doomed.sort((one, other) => (threadIdText(one.id) < threadIdText(other.id) ? -1 : 1));
}

/** A table with a row for each thread. */
export function describePlan(doomed: readonly DoomedThread[]): string {
  const rows = doomed.map(({ id, objects, versions, state }) => [
    threadIdText(id),
    String(objects),
    String(versions),
    state === 'held' ? 'held: stays until it is released' : state,
  ]);
  return formatTable([['thread', 'objects', 'versions', 'what becomes of it'], ...rows]);
}
