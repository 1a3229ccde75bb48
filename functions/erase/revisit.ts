import { erasuresPrefix, parseErasureKey } from '../archive/layout.ts';
import { type ObjectStore } from '../archive/store.ts';
import { timestampMs } from '../archive/timestamp.ts';
import { type ThreadId } from '../thread-id.ts';
import { newQueuedThread, type QueuedThread } from '../thread-queue/queued-thread.ts';
import { type DailyLook, lookAtRecords } from './daily-look.ts';
import { isUnlocked, readErasure } from './erasure-record.ts';

/**
 * The threads of which a version was locked when they were erased, and may be unlocked now: as entries for the queue of
 * erasures. A legal hold has no date, so those are looked at every time. Also those whose last visit never came.
 * Reads every erasure record of the accounts; changes nothing.
 * @throws what the store throws
 */
export async function* findDueErasures(
  store: ObjectStore,
  { portals, now, requestId, onUnreadable }: DailyLook,
): AsyncGenerator<QueuedThread> {
  const look = async (id: ThreadId): Promise<QueuedThread | undefined> => {
    const erasure = (await readErasure(store, id))?.erasure;
    if (erasure?.policy !== 'erase') return undefined;
    const isDue = erasure.finished_at === null || erasure.locked.some((each) => isUnlocked(each, now));
    if (!isDue) return undefined;
    const why = { reasons: [erasure.event], occurredAt: timestampMs(erasure.requested_at) };
    return newQueuedThread({ ...id, ...why, receivedAt: now, requestId });
  };
  for (const portalId of portals)
    yield* lookAtRecords(store, erasuresPrefix(portalId), { parseKey: parseErasureKey, look, onUnreadable });
}
