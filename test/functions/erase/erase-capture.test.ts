import { describe, expect, it } from 'vitest';
import { createEraseCapture } from '../../../functions/erase/erase-capture.ts';
import { ConflictError } from '../../../functions/errors.ts';
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
