import { describe, expect, it } from 'vitest';
import { createEraseThread } from '../../../functions/erase/erase-thread.ts';
import { readErasure } from '../../../functions/erase/erasure-record.ts';
import { captureSetUp, NOON, part, RECORD } from '../../support/capture.ts';
import { hubSpotMessage, THREAD } from '../../support/conversation.ts';

/** A thread whose oldest and newest messages have times that its sender never meant. */
function setUp() {
  const { archive, hubSpot, capture } = captureSetUp();
  hubSpot.messages = [
    hubSpotMessage('m0', '0001-01-01T00:00:00Z'),
    hubSpotMessage('m1', '1970-01-01T00:00:00Z'),
    ...hubSpot.messages,
    hubSpotMessage('m9', '9999-12-31T23:59:59.999Z'),
  ];
  const reads: string[] = [];
  const { get, put } = archive.store;
  const broken = { key: undefined as string | undefined };
  archive.store.get = (key) => {
    reads.push(key);
    return get(key);
  };
  archive.store.put = (request) =>
    request.key === broken.key ? Promise.reject(new Error('cut off')) : put(request);
  const captureThread = () =>
    capture({
      ...THREAD,
      announced: { messageIds: [], occurredAt: 0, firstTry: false },
      requestId: 'request-1',
    });
  return { archive, captureThread, broken, reads };
}

const DAYS = ['0001-01-01', '1970-01-01', '2026-01-31', '2026-02-01', '9999-12-31'];

describe('a thread with messages of the years 1, 1970 and 9999', () => {
  it.each(DAYS)(
    'that is cut off at %s is gone on with, and no day is looked at that has no part',
    async (dt) => {
      const { archive, captureThread, broken, reads } = setUp();
      broken.key = part(dt);
      await expect(captureThread()).rejects.toThrow('cut off');
      expect(archive.record(RECORD).complete).toBe(false);
      broken.key = undefined;
      reads.length = 0;

      expect((await captureThread()).status).toBe('archived');

      expect(archive.record(RECORD).parts.map((each) => each.dt)).toEqual(DAYS);
      expect(reads.length).toBeLessThan(30);
    },
  );

  it('is erased, all of it, when it was cut off', async () => {
    const { archive, captureThread, broken } = setUp();
    broken.key = part('9999-12-31');
    await expect(captureThread()).rejects.toThrow('cut off');
    const { store, eraser } = archive;
    const erase = createEraseThread({ store, eraser, policy: 'erase', isAlone: true, now: () => NOON });
    const event = 'conversation.privacyDeletion';

    await erase({ ...THREAD, event, requestedAt: NOON, requestId: 'r' });

    expect(await Array.fromAsync(archive.store.list('messages/'))).toEqual([]);
    expect((await readErasure(archive.store, THREAD))?.erasure.days.length).toBeLessThan(10);
  });
});
