import { erasuresPrefix, parseErasureKey } from '../archive/layout.ts';
import { type ObjectStore } from '../archive/store.ts';
import { timestampMs } from '../archive/timestamp.ts';
import { newQueuedThread, type QueuedThread } from '../thread-queue/queued-thread.ts';
import { isUnlocked, readErasure } from './erasure-record.ts';

/**
 * The threads of which a version was locked when they were erased, and may be unlocked now: as entries for the queue of
 * erasures. A legal hold has no date, so those are looked at every time. Also those whose last visit never came.
 * Reads every erasure record of the accounts; changes nothing.
 * @param now milliseconds since 1970
 */
export async function* findDueErasures(
  store: ObjectStore,
  { portals, now, requestId }: { portals: readonly string[]; now: number; requestId: string },
): AsyncGenerator<QueuedThread> {
  for (const portalId of portals) {
    for await (const key of store.list(erasuresPrefix(portalId))) {
      const id = parseErasureKey(key);
      const erasure = id && (await readErasure(store, id))?.erasure;
      if (id === undefined || erasure?.policy !== 'erase') continue;
      const isDue = erasure.finished_at === null || erasure.locked.some((each) => isUnlocked(each, now));
      if (!isDue) continue;
      const why = { reasons: [erasure.event], occurredAt: timestampMs(erasure.requested_at) };
      yield newQueuedThread({ ...id, ...why, receivedAt: now, requestId });
    }
  }
}
