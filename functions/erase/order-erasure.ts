import { type ObjectStore } from '../archive/store.ts';
import { ConflictError } from '../errors.ts';
import { type ThreadId } from '../thread-id.ts';
import { OPERATOR_ERASURE } from '../thread-queue/route.ts';
import { readErasure, writeErasure } from './erasure-record.ts';
import { type ErasureOrder, newErasure } from './new-erasure.ts';

// Each conflict means that another writer got through.
const MAX_ATTEMPTS = 10;

/**
 * Puts an operator's order on record, before anything of it is done: who, when and why. An erasure that is under way or over
 * keeps what is done of it, and gets the order beside that; what was only noted under the policy hold becomes an erasure.
 * Idempotent but for the time.
 * @throws ConflictError after ten lost rounds; CorruptArchiveError; what the store throws
 */
export async function orderErasure(
  store: ObjectStore,
  id: ThreadId,
  order: ErasureOrder & { at: number; requestId: string },
): Promise<void> {
  const { at: requestedAt, requestId, by, reason } = order;
  for (let attempt = 1; ; attempt++) {
    const known = await readErasure(store, id);
    const call = { ...id, event: OPERATOR_ERASURE, requestedAt, requestId, order: { by, reason } };
    const fresh = newErasure(call, 'erase');
    const { event, requested_at, requested_by, ordered_by } = fresh;
    const erasure =
      known?.erasure.policy === 'erase'
        ? { ...known.erasure, event, requested_at, requested_by, ordered_by, reason }
        : fresh;
    try {
      await writeErasure(store, id, { erasure, etag: known?.etag, requestId });
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
