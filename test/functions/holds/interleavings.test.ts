import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { type LegalHolds, type ObjectStore } from '../../../functions/archive/store.ts';
import { partKey } from '../../../functions/archive/layout.ts';
import { readErasure, writeErasure } from '../../../functions/erase/erasure-record.ts';
import { orderErasure } from '../../../functions/erase/order-erasure.ts';
import { checkHold } from '../../../functions/holds/check-holds.ts';
import { withHeldWrites } from '../../../functions/holds/held-writes.ts';
import {
  type HoldDeps,
  holdVersions,
  releaseVersions,
  versionsOfThread,
} from '../../../functions/holds/hold-thread.ts';
import { recordHoldAct } from '../../../functions/holds/hold-record.ts';
import { fakeConversations, hubSpotMessage, THREAD } from '../../support/conversation.ts';
import { recordingStore } from '../../support/recording-store.ts';

const NOON = Date.UTC(2026, 1, 2, 12);
const ACT = { caseName: 'c', by: 'ann', at: NOON, reason: 'why', requestId: 'r' };
const never = () => Promise.reject(new Error('not expected to be asked for'));

/** An archive, and what workers and commands reach it by. */
type Place = Pick<HoldDeps, 'versions'> & {
  archive: ReturnType<typeof recordingStore>;
  slow: ObjectStore;
  slowLocks: LegalHolds;
};

/** An archive whose calls take effect, and are answered, in an order that fast-check chooses. */
function scheduled(scheduler: fc.Scheduler): Place {
  const archive = recordingStore();
  const { store, eraser, locks } = archive;
  const schedule = <A extends unknown[], R>(call: (...args: A) => Promise<R>): typeof call =>
    scheduler.scheduleFunction(call, (task) => task());
  const slow: ObjectStore = { ...store, get: schedule(store.get), put: schedule(store.put) };
  const slowLocks: LegalHolds = {
    holdVersion: schedule(locks.holdVersion),
    releaseVersion: schedule(locks.releaseVersion),
    isHeld: locks.isHeld,
  };
  const versions = {
    async *listVersions(prefix: string) {
      yield* await schedule(() => Array.fromAsync(eraser.listVersions(prefix)))();
    },
  };
  return { archive, slow, slowLocks, versions };
}

/**
 * Puts the hold from the worker's n-th call on. A worker compresses parts before it writes them, which takes real time: begun
 * together with it, the hold would always be there first.
 */
async function holdDuring(place: Place, calls: number, work: (place: Place) => Promise<unknown>) {
  const reached = Promise.withResolvers<undefined>();
  let left = calls;
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>): typeof call =>
    (...args) => {
      if (left-- <= 0) reached.resolve(undefined);
      return call(...args);
    };
  const { slow } = place;
  const worker = work({ ...place, slow: { ...slow, get: counted(slow.get), put: counted(slow.put) } });
  void worker.finally(() => {
    reached.resolve(undefined);
  });
  await Promise.all([worker, reached.promise.then(() => placeHold(place))]);
}

/** A worker that captures a thread of two days. After `lifetime` calls that write or hold, it is dead. */
function startWorker({ slow, slowLocks }: Place, lifetime = Infinity) {
  let left = lifetime;
  const mortal =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>): typeof call =>
    (...args) =>
      left-- > 0 ? call(...args) : Promise.reject(new Error('the worker is dead'));
  const hubSpot = fakeConversations([
    hubSpotMessage('m1', '2026-01-31T10:00:00Z'),
    hubSpotMessage('m2', '2026-02-01T10:00:00Z'),
  ]);
  hubSpot.state.answeredAt = () => NOON;
  const announced = { messageIds: [], occurredAt: NOON, firstTry: true };
  return withHeldWrites({ ...slow, put: mortal(slow.put) }, THREAD, {
    locks: { holdVersion: mortal(slowLocks.holdVersion) },
    work: (store) =>
      createCaptureThread({
        conversations: hubSpot.conversations,
        apiVersion: 'v3',
        store,
        sources: { getOriginal: never, files: undefined },
        settlingMs: 0,
      })({ ...THREAD, announced, requestId: 'worker' }),
  }).catch(() => undefined);
}

async function placeHold({ slow, slowLocks, versions }: Place) {
  await recordHoldAct(slow, THREAD, { ...ACT, act: 'add' });
  await holdVersions({ store: slow, versions }, THREAD, slowLocks);
}

async function removeHold({ slow, slowLocks, versions }: Place, caseName = 'c') {
  await recordHoldAct(slow, THREAD, { ...ACT, caseName, act: 'remove' });
  await releaseVersions({ store: slow, versions }, THREAD, slowLocks);
}

const isOfThread = ({ key }: { key: string }) => /^(messages|threads|attachments)\//.test(key);

function heldOf({ archive }: Place) {
  const versions = archive.versions.filter(isOfThread);
  return { versions: versions.length, unheld: versions.filter((each) => each.lockedUntil !== null) };
}

describe('a hold that is put while a thread is captured', () => {
  it('is on every version when both are done, in whatever order their calls take effect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(8), async (scheduler, calls) => {
        const place = scheduled(scheduler);
        await scheduler.waitFor(holdDuring(place, calls, startWorker));

        const { versions, unheld } = heldOf(place);
        expect(versions).toBeGreaterThanOrEqual(3);
        expect(unheld).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is on every version after the daily check, when the worker dies after any of its calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(8), fc.nat(8), async (scheduler, calls, lifetime) => {
        const place = scheduled(scheduler);
        await scheduler.waitFor(holdDuring(place, calls, (at) => startWorker(at, lifetime)));
        const { store, eraser, locks } = place.archive;

        await checkHold({ store, versions: eraser, locks }, THREAD);

        expect(heldOf(place).unheld).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('stays when another case lets go of the thread at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const place = scheduled(scheduler);
        const { store } = place.archive;
        const capture = startWorker(place);
        await scheduler.waitFor(capture);
        await recordHoldAct(store, THREAD, { ...ACT, caseName: 'other', act: 'add' });
        await scheduler.waitFor(Promise.all([placeHold(place), removeHold(place, 'other')]));

        expect(heldOf(place).unheld).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the versions of a thread', () => {
  it('are written without a hold, at the price of two GETs, when nobody holds it', async () => {
    const archive = recordingStore();
    const asked: string[] = [];
    const get: ObjectStore['get'] = (key) => {
      asked.push(key);
      return archive.store.get(key);
    };
    const place = {
      archive,
      slow: { ...archive.store, get },
      slowLocks: archive.locks,
      versions: archive.eraser,
    };

    await startWorker(place);

    expect(heldOf(place).unheld).toHaveLength(heldOf(place).versions);
    expect(asked.filter((key) => key.startsWith('holds/'))).toHaveLength(2);
  });

  it('are looked for also on days that only the erasure record knows of', async () => {
    const { store, eraser } = recordingStore();
    const day = '2026-01-30';
    const order = { by: 'ann', reason: 'why', at: NOON, requestId: 'r' };
    const key = partKey({ ...THREAD, dt: day });
    const body = Buffer.from('x');
    await store.put({ key, body, contentType: '', sha256: '', metadata: {}, condition: { absent: true } });
    await orderErasure(store, THREAD, order);
    const { erasure, etag } = (await readErasure(store, THREAD))!;
    await writeErasure(store, THREAD, { erasure: { ...erasure, days: [day] }, etag, requestId: 'r' });

    const found = await Array.fromAsync(versionsOfThread({ store, versions: eraser }, THREAD));

    expect(found.map((version) => version.key)).toEqual([key]);
  });

  it('are released when the last case lets go', async () => {
    const archive = recordingStore();
    const place = { archive, slow: archive.store, slowLocks: archive.locks, versions: archive.eraser };
    await startWorker(place);
    await placeHold(place);
    expect(heldOf(place).unheld).toEqual([]);

    await removeHold(place);

    expect(heldOf(place).unheld).toHaveLength(heldOf(place).versions);
  });
});
