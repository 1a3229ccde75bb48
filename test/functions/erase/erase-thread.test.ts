import { describe, expect, it } from 'vitest';
import { erasureKey } from '../../../functions/archive/layout.ts';
import { createEraseThread, type PrivacyDeletion } from '../../../functions/erase/erase-thread.ts';
import { ConflictError, CorruptArchiveError, StoreError } from '../../../functions/errors.ts';
import { readErasure } from '../../../functions/erase/erasure-record.ts';
import { orderErasure } from '../../../functions/erase/order-erasure.ts';
import { findDueErasures } from '../../../functions/erase/revisit.ts';
import { recordHoldAct } from '../../../functions/holds/hold-record.ts';
import { OPERATOR_ERASURE } from '../../../functions/thread-queue/route.ts';
import { captureSetUp, NOON, part, RECORD } from '../../support/capture.ts';
import { hubSpotMessage, THREAD } from '../../support/conversation.ts';

const HOUR = 3_600_000;
const EVENT = 'conversation.privacyDeletion';

function setUp(policy: PrivacyDeletion = 'erase') {
  const { archive, hubSpot, captureThread } = captureSetUp();
  const { store, eraser } = archive;
  let now = NOON + 10_000;
  const erase = (deps = {}, event = EVENT) =>
    createEraseThread({ store, eraser, policy, now: () => now, ...deps })({
      ...THREAD,
      event,
      requestedAt: NOON + 5_000,
      requestId: 'erase-1',
    });
  const pass = (ms: number) => {
    now += ms;
  };
  const content = () => archive.versions.filter(({ body }) => /text of|OPEN/.test(readable(body)));
  return { archive, hubSpot, captureThread, erase, pass, content };
}

const DAILY = {
  portals: [THREAD.portalId],
  requestId: 'daily',
  onUnreadable: (key: string) => {
    throw new Error(`${key} is not readable`);
  },
};
const readable = (body: Buffer) => (body[0] === 0x1f ? 'text of a part' : body.toString());

describe('a thread that is to be erased', () => {
  it('loses every version of its parts and its record, and keeps a tombstone', async () => {
    const { archive, hubSpot, captureThread, erase, content } = setUp();
    await captureThread();
    hubSpot.messages.push(hubSpotMessage('m4', '2026-02-01T08:00:00Z'));
    await captureThread();

    const outcome = await erase();

    expect(outcome).toMatchObject({ outcome: 'erasing', locked: 0, againAfterSeconds: 900 });
    expect(content()).toEqual([]);
    expect(archive.keys()).toEqual([erasureKey(THREAD), RECORD]);
    expect(archive.record(RECORD)).toMatchObject({
      thread_id: THREAD.threadId,
      raw: null,
      status: null,
      associated_contact_id: null,
      message_count: 0,
      parts: [],
      complete: true,
      erased_at: '2026-02-02 12:00:10.000',
      erasure_event: EVENT,
      erasure_requested_at: '2026-02-02 12:00:05.000',
      erasure_outcome: 'erasing',
    });
  });

  it('is visited until nobody can be writing any more, and then it is over', async () => {
    const { archive, captureThread, erase, pass } = setUp();
    await captureThread();
    await erase();
    pass(HOUR - 1);
    expect((await erase()).outcome).toBe('erasing');
    pass(1);

    expect(await erase()).toEqual({ outcome: 'erased', versions: 0, locked: 0 });

    expect(archive.record(RECORD).erasure_outcome).toBe('erased');
    expect((await readErasure(archive.store, THREAD))?.erasure).toMatchObject({
      policy: 'erase',
      event: EVENT,
      requested_by: 'erase-1',
      finished_at: '2026-02-02 13:00:10.000',
      days: ['2026-01-31', '2026-02-01'],
      locked: [],
    });
    archive.takeWrites();
    expect((await erase()).outcome).toBe('erased');
    expect(archive.takeWrites()).toEqual([]);
  });

  it('is said to be erased also when the last visit was cut off before it could say so', async () => {
    const { archive, captureThread, erase, pass } = setUp();
    await captureThread();
    await erase();
    pass(HOUR);
    const { store } = archive;
    const put: typeof store.put = (request) =>
      request.key === RECORD ? Promise.reject(new StoreError('S3 answered 503')) : store.put(request);
    await expect(erase({ store: { ...store, put } })).rejects.toThrow(StoreError);

    expect((await erase()).outcome).toBe('erased');

    expect(archive.record(RECORD).erasure_outcome).toBe('erased');
  });

  it('is on record before anything can fail that is done to it, and found again every day', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    archive.overwrite(RECORD, Buffer.from('no thread record'));

    await expect(erase()).rejects.toThrow(CorruptArchiveError);

    expect((await readErasure(archive.store, THREAD))?.erasure).toMatchObject({
      policy: 'erase',
      event: EVENT,
      started_at: null,
      finished_at: null,
    });
    const days = { ...DAILY, now: NOON + 86_400_000 };
    expect(await Array.fromAsync(findDueErasures(archive.store, days))).toMatchObject([THREAD]);
  });

  it('is left alone by every later capture', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    await erase();
    archive.takeWrites();

    expect((await captureThread(['m9'])).status).toBe('erased');

    expect(archive.takeWrites()).toEqual([]);
  });

  it('is left alone too when nothing of it was ever archived', async () => {
    const { archive, captureThread, erase } = setUp();
    await erase();

    expect((await captureThread(['m1'])).status).toBe('erased');

    expect(archive.keys()).toEqual([erasureKey(THREAD), RECORD]);
  });

  it.each([
    ['before it begins a day', '2026-02-03'],
    ['while it rewrites one', '2026-02-01'],
  ])('is not brought back by a capture that was under way %s', async (_, day) => {
    const { archive, hubSpot, captureThread, erase, pass, content } = setUp();
    await captureThread();
    hubSpot.messages.push(hubSpotMessage('m4', `${day}T08:00:00Z`));
    hubSpot.afterPages = async () => {
      hubSpot.afterPages = () => Promise.resolve();
      await erase();
    };

    expect((await captureThread()).status).toBe('erased');

    pass(HOUR);
    await erase();
    expect(content()).toEqual([]);
    expect(archive.keys()).toEqual([erasureKey(THREAD), RECORD]);
  });

  it('loses what a slow worker wrote after the first visit', async () => {
    const { archive, captureThread, erase, pass, content } = setUp();
    await captureThread();
    const [late] = archive.writes.filter((write) => write.key === part('2026-02-01'));
    await erase();
    await archive.store.put({ ...late!, condition: { absent: true } });
    pass(HOUR);

    expect(await erase()).toMatchObject({ outcome: 'erased', versions: 1 });

    expect(content()).toEqual([]);
  });

  it('goes on where it was cut off, wherever that was', async () => {
    for (let calls = 0; calls < 30; calls++) {
      const { archive, captureThread, erase, pass, content } = setUp();
      await captureThread();
      let left = calls;
      const limited = <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
        ((...args: A) => (left-- > 0 ? call(...args) : Promise.reject(new Error('cut off')))) as typeof call;
      const { store, eraser } = archive;
      await erase({
        store: { ...store, get: limited(store.get), put: limited(store.put) },
        eraser: { ...eraser, eraseVersions: limited(eraser.eraseVersions) },
      }).catch(() => undefined);

      await erase();
      pass(HOUR);

      expect((await erase()).outcome).toBe('erased');
      expect(content()).toEqual([]);
      expect(archive.record(RECORD).erasure_outcome).toBe('erased');
    }
  });
});

describe('versions that a lock keeps', () => {
  it('are listed with its end, and erased when that has passed', async () => {
    const { archive, captureThread, erase, pass, content } = setUp();
    await captureThread();
    const until = new Date(NOON + 48 * HOUR);
    for (const version of archive.versions.filter(({ key }) => key === part('2026-01-31')))
      version.lockedUntil = until;
    await erase();
    pass(HOUR);

    expect(await erase()).toEqual({ outcome: 'locked', versions: 0, locked: 1 });

    const { erasure } = (await readErasure(archive.store, THREAD))!;
    expect(erasure.locked).toMatchObject([{ key: part('2026-01-31'), until: '2026-02-04 12:00:00.000' }]);
    expect(archive.record(RECORD).erasure_outcome).toBe('locked');
    expect((await captureThread()).status).toBe('erased');
    pass(48 * HOUR);
    for (const version of archive.versions) delete version.lockedUntil;
    expect((await erase()).outcome).toBe('erased');
    expect(content()).toEqual([]);
  });

  it('do not count the tombstone, which has no content', async () => {
    const { archive, captureThread, erase, pass } = setUp();
    await captureThread();
    const { put } = archive.store;
    archive.store.put = async (request) => {
      const written = await put(request);
      if (request.key === RECORD) archive.versions.at(-1)!.lockedUntil = new Date(NOON + 48 * HOUR);
      return written;
    };
    await erase();
    pass(HOUR);

    expect((await erase()).outcome).toBe('erased');
  });
});

describe('under the policy hold', () => {
  it('nothing is erased, and the thread record says what was asked for', async () => {
    const { archive, captureThread, erase } = setUp('hold');
    await captureThread();
    const before = archive.record(RECORD);

    expect((await erase()).outcome).toBe('held');

    expect(archive.record(RECORD)).toEqual({
      ...before,
      erasure_event: EVENT,
      erasure_requested_at: '2026-02-02 12:00:05.000',
      erasure_outcome: 'held',
    });
    expect(archive.keys()).toContain(part('2026-01-31'));
    archive.takeWrites();
    await erase();
    expect(archive.takeWrites()).toEqual([]);
  });

  it('later captures go on, and keep what was asked for', async () => {
    const { archive, captureThread, erase } = setUp('hold');
    await captureThread();
    await erase();

    expect((await captureThread([], 'request-2')).status).toBe('archived');

    expect(archive.record(RECORD)).toMatchObject({ fetched_by: 'request-2', erasure_outcome: 'held' });
  });

  it('a request is carried out when it comes again under the policy erase', async () => {
    const { archive, captureThread, erase, content } = setUp('hold');
    await captureThread();
    await erase();

    await erase({ policy: 'erase' });

    expect(content()).toEqual([]);
    expect((await readErasure(archive.store, THREAD))?.erasure.policy).toBe('erase');
  });

  it('what was erased before stays erased', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    await erase();
    const before = archive.record(RECORD);

    await erase({ policy: 'hold' });

    expect(archive.record(RECORD)).toEqual(before);
  });
});

describe('a thread under a legal hold', () => {
  const act = (name: 'add' | 'remove') => ({
    act: name,
    caseName: 'c',
    by: 'ann',
    at: NOON,
    reason: 'why',
    requestId: 'r',
  });

  it('keeps everything, and the request is on record', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    await recordHoldAct(archive.store, THREAD, act('add'));
    const before = archive.record(RECORD);
    const versions = archive.versions.length;

    expect(await erase()).toEqual({ outcome: 'held', versions: 0, locked: 0 });

    // The record of the erasure, and the thread record with its mark.
    expect(archive.versions).toHaveLength(versions + 2);
    expect(archive.record(RECORD)).toEqual({
      ...before,
      erasure_event: EVENT,
      erasure_requested_at: '2026-02-02 12:00:05.000',
      erasure_outcome: 'held',
    });
    expect((await readErasure(archive.store, THREAD))?.erasure).toMatchObject({
      policy: 'erase',
      started_at: null,
      finished_at: null,
    });
    archive.takeWrites();
    await erase();
    expect(archive.takeWrites()).toEqual([]);
  });

  it('is looked at every day, and erased when the hold is gone', async () => {
    const { archive, captureThread, erase, content } = setUp();
    await captureThread();
    await recordHoldAct(archive.store, THREAD, act('add'));
    await erase();
    expect(await Array.fromAsync(findDueErasures(archive.store, { ...DAILY, now: NOON }))).toMatchObject([
      THREAD,
    ]);
    await recordHoldAct(archive.store, THREAD, act('remove'));

    expect((await erase()).outcome).toBe('erasing');

    expect(content()).toEqual([]);
  });

  it('has a request that was noted under the policy hold noted as one to be carried out', async () => {
    const { archive, captureThread, erase } = setUp('hold');
    await captureThread();
    await erase();
    await recordHoldAct(archive.store, THREAD, act('add'));

    await erase({ policy: 'erase' });

    expect((await readErasure(archive.store, THREAD))?.erasure.policy).toBe('erase');
  });
});

describe("an operator's order", () => {
  const ORDER = { by: 'ann', reason: 'a letter', at: NOON, requestId: 'order-1' };

  it('is carried out whatever the policy of privacy deletions, and says who, why and how much', async () => {
    const { archive, captureThread, erase, pass, content } = setUp('hold');
    await captureThread();
    await orderErasure(archive.store, THREAD, ORDER);

    await erase({}, OPERATOR_ERASURE);
    pass(HOUR);
    expect((await erase({}, OPERATOR_ERASURE)).outcome).toBe('erased');

    expect(content()).toEqual([]);
    // Two parts and the record, which the capture wrote twice.
    expect((await readErasure(archive.store, THREAD))?.erasure).toMatchObject({
      event: OPERATOR_ERASURE,
      requested_by: 'order-1',
      ordered_by: 'ann',
      reason: 'a letter',
      objects: 3,
      versions: 4,
    });
  });

  it('counts no object of which every version is locked', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    for (const version of archive.versions) if (version.key !== RECORD) version.lockedUntil = null;

    await erase();

    const { erasure } = (await readErasure(archive.store, THREAD))!;
    expect(erasure).toMatchObject({ objects: 1, versions: 2 });
    expect(erasure.locked).toHaveLength(2);
  });

  it('leaves what an erasure before it has done', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    await erase();
    const before = (await readErasure(archive.store, THREAD))!.erasure;

    await orderErasure(archive.store, THREAD, ORDER);

    expect((await readErasure(archive.store, THREAD))?.erasure).toEqual({
      ...before,
      event: OPERATOR_ERASURE,
      requested_at: '2026-02-02 12:00:00.000',
      requested_by: 'order-1',
      ordered_by: 'ann',
      reason: 'a letter',
    });
  });

  it('makes an erasure of a request that was only noted', async () => {
    const { archive, captureThread, erase } = setUp('hold');
    await captureThread();
    await erase();

    await orderErasure(archive.store, THREAD, ORDER);

    expect((await readErasure(archive.store, THREAD))?.erasure).toMatchObject({
      policy: 'erase',
      ordered_by: 'ann',
    });
  });

  it('is given up after ten lost rounds', async () => {
    const { archive } = setUp();
    const put = () => Promise.reject(new ConflictError('lost'));

    await expect(orderErasure({ ...archive.store, put }, THREAD, ORDER)).rejects.toThrow(ConflictError);
  });

  it('reads a record from before orders were kept', async () => {
    const { archive, captureThread, erase } = setUp();
    await captureThread();
    await erase();
    const { ordered_by, reason, objects, ...old } = (await readErasure(archive.store, THREAD))!.erasure;
    archive.overwrite(erasureKey(THREAD), Buffer.from(JSON.stringify(old)));

    const read = (await readErasure(archive.store, THREAD))?.erasure;

    expect([ordered_by, reason, objects]).toEqual([null, null, 3]);
    expect(read).toEqual({ ...old, ordered_by: null, reason: null, objects: null });
  });
});

describe('an erasure where nobody else can be writing', () => {
  it('is over at its first visit', async () => {
    const { captureThread, erase } = setUp();
    await captureThread();

    expect(await erase({ isAlone: true })).toEqual({ outcome: 'erased', versions: 4, locked: 0 });
  });
});
