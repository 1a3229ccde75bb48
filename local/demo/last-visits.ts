import { LONGEST_LIFE_MS } from '../../functions/archive/checkpoint.ts';
import { createEraseThread } from '../../functions/erase/erase-thread.ts';
import { CorruptArchiveError } from '../../functions/errors.ts';
import { findDueErasures } from '../../functions/erase/revisit.ts';
import { type FolderStore } from '../folder-store.ts';

/**
 * Does what the product does an hour later, when no worker that had an erased thread in hand can be alive any more: visits
 * each erasure that has begun once more, and ends it. The workers of the demonstration have nothing in hand by then, so the
 * hour is passed over. An erasure that has not begun is not begun here.
 * @param now milliseconds since 1970
 * @throws what erasing throws
 */
export async function makeLastVisits(store: FolderStore, portalId: string, now: number): Promise<void> {
  const later = now + LONGEST_LIFE_MS;
  const erase = createEraseThread({ store, eraser: store, policy: 'erase', now: () => later });
  const requestId = 'last-visit';
  const onUnreadable = (key: string) => {
    throw new CorruptArchiveError(`${key} cannot be read`);
  };
  const look = { portals: [portalId], now: later, requestId, onUnreadable };
  for await (const due of findDueErasures(store, look)) {
    const { threadId, reasons, occurredAt } = due;
    await erase({ portalId, threadId, event: reasons[0] ?? '', requestedAt: occurredAt, requestId });
  }
}
