import { holdsPrefix, parseHoldKey } from '../archive/layout.ts';
import { type HoldPutter, type ObjectStore } from '../archive/store.ts';
import { type DailyLook, lookAtRecords } from '../erase/daily-look.ts';
import { type ThreadId } from '../thread-id.ts';
import { newQueuedThread, type QueuedThread } from '../thread-queue/queued-thread.ts';
import { HOLD_CHECK } from '../thread-queue/route.ts';
import { isThreadHeld } from './hold-record.ts';
import { type HoldDeps, holdVersions } from './hold-thread.ts';

/**
 * The threads that are held, as entries for the queue of erasures: there each is looked at by an invocation of its own, by
 * {@link checkHold}. Reads every hold record of the accounts; changes nothing.
 * @throws what the store throws
 */
export async function* findHeldThreads(
  store: ObjectStore,
  { portals, now, requestId, onUnreadable }: DailyLook,
): AsyncGenerator<QueuedThread> {
  const look = async (id: ThreadId): Promise<QueuedThread | undefined> => {
    if (!(await isThreadHeld(store, id))) return undefined;
    return newQueuedThread({ ...id, reasons: [HOLD_CHECK], occurredAt: now, receivedAt: now, requestId });
  };
  for (const portalId of portals)
    yield* lookAtRecords(store, holdsPrefix(portalId), { parseKey: parseHoldKey, look, onUnreadable });
}

/** Sets right what a worker left that died between a write and its second look at the hold record. Idempotent. */
export async function checkHold(deps: HoldDeps & { locks: HoldPutter }, id: ThreadId): Promise<void> {
  if (await isThreadHeld(deps.store, id)) await holdVersions(deps, id, deps.locks);
}
