import { beforeEach, describe, expect, it } from 'vitest';
import { type ActOutcome, carryOut } from '../../../cli/holds/act.ts';
import { describeHolds, holdsAsJson, listHolds } from '../../../cli/holds/list.ts';
import { planErasure } from '../../../cli/erase/plan.ts';
import { captureSetUp, NOON, RECORD } from '../../support/capture.ts';
import { THREAD } from '../../support/conversation.ts';

const ACTOR = { by: 'arn:aws:iam::1:user/ann', at: NOON, requestId: 'r' };
const none = { threads: undefined, contact: undefined, ofCase: undefined };
const ID = `${THREAD.portalId}/${THREAD.threadId}`;
let setUp: ReturnType<typeof captureSetUp>;

beforeEach(async () => {
  setUp = captureSetUp();
  setUp.hubSpot.thread = { ...setUp.hubSpot.thread, associatedContactId: '901' };
  await setUp.captureThread();
});

function openArchive(hasLocks = true) {
  const { store, eraser, locks } = setUp.archive;
  return { ...store, ...eraser, locks: hasLocks ? locks : undefined, close: () => Promise.resolve() };
}

async function act(name: 'add' | 'remove', target: Partial<typeof none> | object, caseName = 'audit') {
  const outcomes: ActOutcome[] = [];
  const command = { name, target: { ...none, ...target }, caseName, reason: 'a letter' };
  await carryOut(openArchive(), command, ACTOR, (outcome) => outcomes.push(outcome));
  return outcomes;
}

const held = () =>
  setUp.archive.versions.filter(({ key, lockedUntil }) => !key.startsWith('holds/') && lockedUntil === null);

describe('a hold on a thread', () => {
  it.each([
    ['by its ids', { threads: [THREAD] }],
    ['by its contact', { contact: '901' }],
  ])('is put on every version of it, named %s', async (_, target) => {
    const all = setUp.archive.versions.length;

    expect(await act('add', target)).toEqual([{ id: THREAD, cases: ['audit'], versions: all }]);

    expect(held()).toHaveLength(all);
  });

  it('lasts until the last case lets go', async () => {
    await act('add', { threads: [THREAD] }, 'audit');
    await act('add', { threads: [THREAD] }, 'trial');

    await act('remove', { ofCase: 'audit' }, 'audit');
    expect(held()).not.toEqual([]);
    await act('remove', { ofCase: 'trial' }, 'trial');

    expect(held()).toEqual([]);
  });

  it('is put again where a version has lost it, and released again where one has kept it', async () => {
    await act('add', { threads: [THREAD] });
    delete setUp.archive.versions[0]!.lockedUntil;
    await act('add', { threads: [THREAD] });
    expect(held()).toHaveLength(setUp.archive.versions.length - 1);

    await act('remove', { ofCase: 'audit' });
    setUp.archive.versions[0]!.lockedUntil = null;
    await act('remove', { ofCase: 'audit' });

    expect(held()).toEqual([]);
  });

  it('of somebody else, of which there is no record, is not released', async () => {
    setUp.archive.versions[0]!.lockedUntil = null;

    expect(await act('remove', { threads: [THREAD] })).toEqual([{ id: THREAD, cases: [], versions: null }]);

    expect(held()).toHaveLength(1);
  });

  it('is a record alone in a folder', async () => {
    const outcomes: ActOutcome[] = [];
    const command = {
      name: 'add' as const,
      target: { ...none, threads: [THREAD] },
      caseName: 'a',
      reason: 'w',
    };
    await carryOut(openArchive(false), command, ACTOR, (outcome) => outcomes.push(outcome));

    expect(outcomes).toEqual([{ id: THREAD, cases: ['a'], versions: null }]);
    expect(await listHolds(openArchive(false))).toMatchObject([{ held: null, notHeld: null }]);
  });
});

describe('the list of holds', () => {
  it('says which case holds what since when, by whom, why, and whether every version is', async () => {
    await act('add', { threads: [THREAD] });
    delete setUp.archive.versions[0]!.lockedUntil;

    const threads = await listHolds(openArchive());

    expect(JSON.parse(holdsAsJson(threads))).toEqual([
      {
        ...THREAD,
        heldSince: '2026-02-02 12:00:00.000',
        cases: [{ name: 'audit', since: '2026-02-02 12:00:00.000', by: ACTOR.by, reason: 'a letter' }],
        versionsHeld: held().length,
        versionsNotHeld: 1,
      },
    ]);
    expect(describeHolds(threads)).toMatch(
      new RegExp(`^${ID} +audit +2026-02-02 12:00:00 +${held().length} +1 +${ACTOR.by} +a letter$`, 'm'),
    );
  });

  it('has nothing that was released', async () => {
    await act('add', { threads: [THREAD] });
    await act('remove', { threads: [THREAD] });

    expect(describeHolds(await listHolds(openArchive()))).toBe('no holds');
  });
});

describe('what an erasure would come to', () => {
  it('counts objects and versions, and names what is held', async () => {
    const plan = () => planErasure(openArchive(), { threads: [THREAD] });
    const versions = setUp.archive.versions.length;
    expect(await plan()).toEqual([{ id: THREAD, objects: 3, versions, state: 'to be erased' }]);

    await act('add', { threads: [THREAD] });

    expect(await plan()).toMatchObject([{ state: 'held' }]);
    expect(setUp.archive.keys()).toContain(RECORD);
  });
});
