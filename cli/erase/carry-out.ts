import { createEraseThread } from '../../functions/erase/erase-thread.ts';
import { type ErasureOrder } from '../../functions/erase/new-erasure.ts';
import { orderErasure } from '../../functions/erase/order-erasure.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { newQueuedThread, type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { OPERATOR_ERASURE } from '../../functions/thread-queue/route.ts';
import { type OpenArchive } from '../archive-place.ts';

/** Who orders it, why, when (milliseconds since 1970) and in which run of the command. */
export type Order = ErasureOrder & { at: number; requestId: string };

/** Has a thread erased after its order is on record. Gives what is said of it. */
export type EraseByOrder = (id: ThreadId, order: Order) => Promise<string>;

/** In a stack erase-thread does it, whose role alone may delete: it is queued. */
export function eraseByQueue(
  archive: OpenArchive,
  send: (thread: QueuedThread) => Promise<void>,
): EraseByOrder {
  return async (id, order) => {
    await orderErasure(archive, id, order);
    const { at, requestId } = order;
    const why = { reasons: [OPERATOR_ERASURE], occurredAt: at };
    await send(newQueuedThread({ ...id, ...why, receivedAt: at, requestId }));
    return 'queued to be erased';
  };
}

/** In a folder it is done here: it is this process's alone. */
export function eraseHere(archive: OpenArchive): EraseByOrder {
  return async (id, order) => {
    await orderErasure(archive, id, order);
    const deps = { store: archive, eraser: archive, policy: 'erase' as const, isAlone: true };
    const erase = createEraseThread({ ...deps, now: () => order.at });
    const request = { ...id, event: OPERATOR_ERASURE, requestedAt: order.at, requestId: order.requestId };
    const { outcome, versions } = await erase(request);
    if (outcome === 'held') return 'held: order it again after its release';
    return `${outcome}, ${versions} files`;
  };
}
