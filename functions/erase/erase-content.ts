import { threadRecordKey } from '../archive/layout.ts';
import { type LockedVersion, type ObjectEraser, type ObjectVersion } from '../archive/store.ts';
import { prefixesOfThread } from '../archive/thread-objects.ts';
import { type ThreadId } from '../thread-id.ts';
import { type ErasureRecord } from './erasure-record.ts';

/** What went: versions, and the objects that they were of; and the versions that a lock keeps. */
export type ErasedContent = { objects: number; versions: number; locked: LockedVersion[] };

/**
 * Deletes every version of a thread's parts on the days that its erasure lists, of its files and of its record, save for
 * tombstones. Idempotent.
 * @throws what the eraser throws; what has gone by then stays gone
 */
export async function eraseContent(
  eraser: ObjectEraser,
  id: ThreadId,
  { days, tombstones }: Pick<ErasureRecord, 'days' | 'tombstones'>,
): Promise<ErasedContent> {
  const locked: LockedVersion[] = [];
  const objects = new Set<string>();
  let versions = 0;
  for (const prefix of prefixesOfThread(id, days)) {
    const doomed: ObjectVersion[] = [];
    for await (const version of eraser.listVersions(prefix)) {
      const isTombstone = version.isLatest || tombstones.includes(version.versionId ?? '');
      if (prefix !== threadRecordKey(id) || !isTombstone) doomed.push(version);
    }
    if (doomed.length === 0) continue;
    const kept = await eraser.eraseVersions(doomed);
    const isKept = (each: ObjectVersion) =>
      kept.some(({ key, versionId }) => key === each.key && versionId === each.versionId);
    for (const each of doomed) if (!isKept(each)) objects.add(each.key);
    versions += doomed.length - kept.length;
    locked.push(...kept);
  }
  return { objects: objects.size, versions, locked };
}
