import { describe, expect, it } from 'vitest';
import { type ErasureRecord, writeErasure } from '../../../functions/erase/erasure-record.ts';
import { findDueErasures } from '../../../functions/erase/revisit.ts';
import { recordingStore } from '../../support/recording-store.ts';

const NOW = Date.UTC(2026, 5, 1);
const FINISHED: ErasureRecord = {
  thread_id: '7',
  policy: 'erase',
  event: 'conversation.privacyDeletion',
  requested_at: '2026-02-02 12:00:00.000',
  requested_by: 'request-1',
  ordered_by: null,
  reason: null,
  objects: 2,
  started_at: '2026-02-02 12:00:05.000',
  finished_at: '2026-02-02 13:00:05.000',
  days: ['2026-02-01'],
  versions: 3,
  tombstones: [],
  locked: [],
  schema_version: 1,
};
const onUnreadable = (key: string) => {
  throw new Error(`${key} is not readable`);
};
const locked = (until: string | null) => ({ locked: [{ key: 'k', version_id: 'v', until }] });

describe('looking for erasures to go on with', () => {
  it.each([
    ['a lock has ended', locked('2026-05-31 23:59:59.000'), true],
    ['a lock lasts', locked('2026-06-01 00:00:00.001'), false],
    ['a legal hold has no date', locked(null), true],
    ['nothing is left', {}, false],
    ['the last visit never came', { finished_at: null }, true],
    ['not even the first one came to anything', { started_at: null, finished_at: null, days: [] }, true],
    ['the request is only held', { policy: 'hold', finished_at: null } as const, false],
  ])('when %s', async (_, changes, isDue) => {
    const { store } = recordingStore();
    const id = { portalId: '62515', threadId: '7' };
    await writeErasure(store, id, { erasure: { ...FINISHED, ...changes }, etag: undefined, requestId: 'r' });

    const due = await Array.fromAsync(
      findDueErasures(store, { portals: ['1', '62515'], now: NOW, requestId: 'r2', onUnreadable }),
    );

    expect(due).toEqual(
      isDue
        ? [
            {
              version: 1,
              ...id,
              messageIds: [],
              reasons: ['conversation.privacyDeletion'],
              occurredAt: Date.UTC(2026, 1, 2, 12),
              receivedAt: NOW,
              requestId: 'r2',
              waits: 0,
              looks: 0,
            },
          ]
        : [],
    );
  });

  it('passes one that cannot be read, names its key, and finds every other', async () => {
    const { store, overwrite } = recordingStore();
    const ids = Array.from({ length: 70 }, (_, i) => ({ portalId: '62515', threadId: String(100 + i) }));
    const erasure = { ...FINISHED, finished_at: null };
    for (const id of ids) await writeErasure(store, id, { erasure, etag: undefined, requestId: 'r' });
    overwrite('erasures/portal_id=62515/103.json', Buffer.from('{}'));
    const unreadable: string[] = [];
    const note = (key: string) => void unreadable.push(key);

    const due = await Array.fromAsync(
      findDueErasures(store, { portals: ['62515'], now: NOW, requestId: 'r2', onUnreadable: note }),
    );

    expect(due.map(({ threadId }) => threadId)).toEqual(
      ids.map(({ threadId }) => threadId).filter((threadId) => threadId !== '103'),
    );
    expect(unreadable).toEqual(['erasures/portal_id=62515/103.json']);
  });
});
