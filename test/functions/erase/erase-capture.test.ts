import { describe, expect, it } from 'vitest';
import { createEraseCapture } from '../../../functions/erase/erase-capture.ts';
import { ConflictError } from '../../../functions/errors.ts';
import { holdKey } from '../../../functions/archive/layout.ts';
import { findHeldThreads } from '../../../functions/holds/check-holds.ts';
import { recordHoldAct } from '../../../functions/holds/hold-record.ts';
import { HOLD_CHECK, OPERATOR_ERASURE, routeOf } from '../../../functions/thread-queue/route.ts';
import { captureSetUp, NOON, RECORD } from '../../support/capture.ts';
import { THREAD } from '../../support/conversation.ts';

/** An erasure before whose tombstones a capture writes the thread's record, so many times. */
async function eraseAgainst(captures: number) {
  const { archive, captureThread } = captureSetUp();
  await captureThread();
  let left = captures;
  const put: typeof archive.store.put = async (request) => {
    if (request.key === RECORD && left-- > 0) await captureThread();
    return archive.store.put(request);
  };
  const store = { ...archive.store, put };
  const erase = createEraseCapture({ store, eraser: archive.eraser, policy: 'erase', now: () => NOON });
  const announced = { messageIds: [], occurredAt: NOON, firstTry: true };
  const reasons = ['conversation.privacyDeletion'];
  return { archive, outcome: erase({ ...THREAD, announced, reasons, requestId: 'erase-1' }) };
}

describe('an erasure that a capture comes before', () => {
  it('begins anew at once, and leaves the tombstone', async () => {
    const { archive, outcome } = await eraseAgainst(4);

    expect(await outcome).toMatchObject({ status: 'unfinished', afterSeconds: 900 });

    expect(archive.record(RECORD)).toMatchObject({ raw: null, erasure_outcome: 'erasing' });
  });

  it('is given back when it has lost five times in a row', async () => {
    const { outcome } = await eraseAgainst(5);

    await expect(outcome).rejects.toThrow(ConflictError);
  });
});

const ACT = { act: 'add', caseName: 'c', by: 'ann', at: NOON, reason: 'why', requestId: 'r' } as const;

async function setUp(policy: 'erase' | 'hold' = 'erase') {
  const { archive, captureThread } = captureSetUp();
  await captureThread();
  const { store, eraser, locks } = archive;
  const capture = createEraseCapture({ store, eraser, locks, policy, now: () => NOON + 10_000 });
  const visit = (...reasons: string[]) =>
    capture({
      ...THREAD,
      reasons,
      announced: { messageIds: [], occurredAt: NOON, firstTry: true },
      requestId: 'erase-1',
    });
  const unheld = () =>
    archive.versions.filter(
      ({ key, lockedUntil }) => /^(messages|threads)/.test(key) && lockedUntil !== null,
    );
  return { archive, visit, unheld };
}

describe('on the road of erasures', () => {
  it('the daily look holds every version of a held thread, and erases nothing', async () => {
    const { archive, visit, unheld } = await setUp();
    await recordHoldAct(archive.store, THREAD, ACT);
    const versions = archive.versions.length;

    expect((await visit(HOLD_CHECK)).status).toBe('held');

    expect(unheld()).toEqual([]);
    expect(archive.versions).toHaveLength(versions);
  });

  it('the daily look leaves a thread alone that was released meanwhile', async () => {
    const { visit, unheld } = await setUp();

    await visit(HOLD_CHECK);

    expect(unheld()).not.toEqual([]);
  });

  it('the mark on the record of a held thread is held too', async () => {
    const { archive, visit, unheld } = await setUp();
    await recordHoldAct(archive.store, THREAD, ACT);
    await visit(HOLD_CHECK);

    expect((await visit('conversation.privacyDeletion')).status).toBe('held');

    expect(archive.record(RECORD).erasure_outcome).toBe('held');
    expect(unheld()).toEqual([]);
  });

  it("an operator's order counts for more than what came with it", async () => {
    const { archive, visit } = await setUp('hold');

    await visit('conversation.privacyDeletion', HOLD_CHECK, OPERATOR_ERASURE);

    expect(archive.record(RECORD).erasure_outcome).toBe('erasing');
  });

  it('an event is not passed over for a look that came with it', async () => {
    const { archive, visit } = await setUp();

    await visit(HOLD_CHECK, 'conversation.privacyDeletion');

    expect(archive.record(RECORD).erasure_outcome).toBe('erasing');
  });
});

describe('looking for held threads', () => {
  it('finds those that are held, for the road of erasures, past a record that cannot be read', async () => {
    const { archive } = await setUp();
    const other = { ...THREAD, threadId: '8' };
    await recordHoldAct(archive.store, THREAD, ACT);
    await recordHoldAct(archive.store, other, ACT);
    await recordHoldAct(archive.store, other, { ...ACT, act: 'remove' });
    const unreadable = { ...THREAD, threadId: '5' };
    await recordHoldAct(archive.store, unreadable, ACT);
    archive.overwrite(holdKey(unreadable), Buffer.from('{}'));
    await recordHoldAct(archive.store, { ...THREAD, threadId: '9' }, ACT);
    const keys: string[] = [];
    const onUnreadable = (key: string) => void keys.push(key);
    const look = { portals: [THREAD.portalId, '1'], now: NOON, requestId: 'r', onUnreadable };

    const found = await Array.fromAsync(findHeldThreads(archive.store, look));

    expect(keys).toEqual([holdKey(unreadable)]);
    expect(found.map(({ threadId }) => threadId)).toEqual([THREAD.threadId, '9']);
    found.pop();

    expect(found).toEqual([
      {
        version: 1,
        ...THREAD,
        messageIds: [],
        reasons: [HOLD_CHECK],
        occurredAt: NOON,
        receivedAt: NOON,
        requestId: 'r',
        waits: 0,
        looks: 0,
      },
    ]);
    expect(routeOf(HOLD_CHECK)).toBe('erasure');
    expect(routeOf(OPERATOR_ERASURE)).toBe('erasure');
  });
});
