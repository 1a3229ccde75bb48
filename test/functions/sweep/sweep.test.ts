import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { partKey, sweepStateKey, threadRecordKey, utcDay } from '../../../functions/archive/layout.ts';
import { type SweepState } from '../../../functions/sweep/state.ts';
import { compareWithHubSpot } from '../../../local/demo/compare.ts';
import {
  addEntry,
  archiveThread,
  changeThread,
  createThread,
  editMessage,
} from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { PORTAL_ID, START } from '../../support/simulated-account.ts';
import { DAY_MS, HOUR_MS, OLD_ENOUGH_MS, passOf, sweptAccount } from '../../support/swept-account.ts';

const QUIRKS = { shortPages: 0.5, emptyPages: 0.3, danglingCursors: 0.5 };
const MESSAGE = { type: 'MESSAGE', by: 'visitor', text: 'Is anybody there?' } as const;

/** An account whose threads are all archived, and a sweep that has been at work for a while. */
async function atWork({ threads = 30, paging = QUIRKS }: { threads?: number; paging?: object } = {}) {
  const account = sweptAccount({ paging });
  const { hubspot, clock } = account;
  const ids = Array.from({ length: threads }, (_, i) => String(6_000_000_000 + i));
  for (const [i, threadId] of ids.entries()) {
    addOldThread(hubspot.world, { threadId, entries: 4, days: 2 + (i % 20), endsAt: START - HOUR_MS * i });
    await account.captureNow(threadId);
  }
  await account.runUntilDone();
  clock.ms += HOUR_MS;
  await account.runUntilDone();
  account.sent.splice(0);
  hubspot.log.clear();
  return { ...account, ids };
}

const stateOf = ({ archive }: Pick<ReturnType<typeof sweptAccount>, 'archive'>) =>
  archive.record(sweepStateKey(PORTAL_ID)) as unknown as SweepState;
const isMissing = async ({ archive, hubspot }: ReturnType<typeof sweptAccount>) => {
  const { faults } = await compareWithHubSpot(archive.store, hubspot.world);
  return [...faults.missing, ...faults.different, ...faults.unedited];
};

describe('a sweep for new messages', () => {
  it('brings back every message of 48 hours without a receiver', async () => {
    const account = await atWork({ paging: {} });
    const { world } = account.hubspot;
    for (let hour = 0; hour < 48; hour++) {
      account.clock.ms += HOUR_MS;
      addEntry(world, account.ids[hour % 12]!, MESSAGE);
      if (hour % 4 === 0) addEntry(world, createThread(world).threadId, MESSAGE);
    }
    account.clock.ms += OLD_ENOUGH_MS;
    const recovered = new Set((await isMissing(account)).map((id) => id.split('/')[0])).size;
    expect(recovered).toBe(24);

    const reports = await account.runUntilDone();

    expect(await isMissing(account)).toEqual([]);
    expect(reports.reduce((sum, report) => sum + (passOf(report, 'recent')?.missed ?? 0), 0)).toBe(recovered);
    // Two for each thread, its lists and the first page of its history; the rest are lists.
    const calls = account.hubspot.log.count();
    console.info(`${calls} calls for ${recovered} threads, ${(calls / recovered).toFixed(2)} for each`);
    expect(calls / recovered).toBeLessThan(3);
  });

  it('queues nothing when nothing is lacking, and asks HubSpot nothing before the next one is due', async () => {
    const account = await atWork();

    expect(await account.run()).toEqual({ portalId: PORTAL_ID, passes: [], failures: [] });
    expect(account.hubspot.log.count()).toBe(0);
    account.clock.ms += HOUR_MS;
    const report = await account.run();

    expect(passOf(report, 'recent')).toMatchObject({ status: 'finished', queued: 0 });
    expect(account.sent).toEqual([]);
  });

  it('leaves a thread to live traffic while its message is young, and never loses sight of it', async () => {
    const account = await atWork();
    const [threadId] = account.ids;
    account.clock.ms += HOUR_MS;
    addEntry(account.hubspot.world, threadId!, MESSAGE);
    account.clock.ms += 60_000;
    await account.runUntilDone();
    expect(account.sent).toEqual([]);

    account.clock.ms += HOUR_MS;
    await account.runUntilDone();

    expect(account.sent).toMatchObject([{ threadId, reasons: ['sweep'], messageIds: [] }]);
    expect(await isMissing(account)).toEqual([]);
  });

  it('reads a thread again whose last fetch began after the message and did not see it', async () => {
    const account = await atWork();
    const [threadId] = account.ids;
    account.clock.ms += HOUR_MS;
    addEntry(account.hubspot.world, threadId!, MESSAGE, { visibleAfterMs: 60_000 });
    account.clock.ms += 30_000;
    await account.captureNow(threadId!);
    expect(await isMissing(account)).toHaveLength(1);

    account.clock.ms += HOUR_MS;
    await account.runUntilDone();

    expect(await isMissing(account)).toEqual([]);
  });

  it.each([
    ['status', { status: 'CLOSED' }],
    ['assignee', { assignedTo: 'A-5220018' }],
    ['lack of an assignee', { assignedTo: undefined }],
  ] as const)(
    'notices a %s that no webhook has told of, in a thread with a recent message',
    async (_, change) => {
      const account = await atWork();
      const [threadId] = account.ids;
      const { world } = account.hubspot;
      changeThread(world, threadId!, { assignedTo: 'A-4110231' });
      addEntry(world, threadId!, MESSAGE);
      await account.captureNow(threadId!, account.clock.ms);
      account.clock.ms += 20_000;
      changeThread(world, threadId!, change);

      account.clock.ms += HOUR_MS;
      await account.runUntilDone();

      expect(account.sent).toMatchObject([{ threadId, reasons: ['sweep'] }]);
      const { status, assigned_to } = account.archive.record(
        threadRecordKey({ portalId: PORTAL_ID, threadId: threadId! }),
      );
      const { status: expected, assignedTo = null } = world.threads.get(threadId!)!;
      expect({ status, assigned_to }).toEqual({ status: expected, assigned_to: assignedTo });
    },
  );

  it('passes over a record that cannot be read, names it, and goes on with the others', async () => {
    const account = await atWork();
    const [broken, other] = account.ids;
    account.clock.ms += HOUR_MS;
    for (const threadId of [broken!, other!]) addEntry(account.hubspot.world, threadId, MESSAGE);
    account.archive.overwrite(threadRecordKey({ portalId: PORTAL_ID, threadId: broken! }), Buffer.from('?'));

    account.clock.ms += OLD_ENOUGH_MS;
    const [report] = await account.runUntilDone();

    expect(passOf(report!, 'recent')?.unreadable).toEqual([broken]);
    expect(account.sent.map(({ threadId }) => threadId)).toEqual([other]);
  });
});

describe('the first sweep ever', () => {
  it('looks back a day, counted from when it was installed and not from when HubSpot first answered', async () => {
    const account = sweptAccount();
    const { world } = account.hubspot;
    const within = addOldThread(world, { entries: 2, days: 0.5, endsAt: START - HOUR_MS });
    addOldThread(world, { entries: 2, days: 0.5, endsAt: START - 2 * DAY_MS });
    account.hubspot.faults.next(1_000, { kind: 'status', status: 503 });
    await account.run();
    account.hubspot.faults.clear();
    account.clock.ms += DAY_MS;

    await account.runUntilDone();

    expect(account.sent.map(({ threadId }) => threadId)).toEqual([within]);
  });

  it('archives inboxes, channels and channel accounts, once a day', async () => {
    const account = sweptAccount();

    expect(await account.run()).toMatchObject({ tablesWritten: 3 });
    expect(await account.run()).not.toHaveProperty('tablesWritten');
    expect(account.archive.keys()).toContain('inboxes/portal_id=62515/inboxes.json');
  });
});

describe('a full round', () => {
  it('brings an edit without an event into the archive, and the text before stays a version', async () => {
    const account = await atWork();
    const [threadId] = account.ids;
    const { world } = account.hubspot;
    const entry = [...world.threads.get(threadId!)!.entries.values()].findLast(
      ({ type }) => type === 'MESSAGE',
    )!;
    const before = (JSON.parse(entry.json) as { text: string }).text;
    editMessage(world, threadId!, entry.messageId, { text: 'as if never said' });
    account.clock.ms += DAY_MS;
    await account.runUntilDone();
    expect(await isMissing(account)).toEqual([`${threadId!}/${entry.messageId}`]);

    account.clock.ms += 7 * DAY_MS;
    await account.runUntilDone();

    expect(await isMissing(account)).toEqual([]);
    const key = partKey({ portalId: PORTAL_ID, threadId: threadId!, dt: utcDay(new Date(entry.createdAt)) });
    const texts = account.archive.versions
      .filter((version) => version.key === key)
      .map(({ body }) => gunzipSync(body).toString());
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain(JSON.stringify(before));
    expect(texts[1]).toContain('as if never said');
  });

  it('reads each thread of its window once, also when it is broken off', async () => {
    const account = await atWork();
    account.clock.ms += 7 * DAY_MS;
    let lists = 0;
    account.around.call = (name, call) => {
      if (name === 'list' && ++lists % 4 === 0) return Promise.reject(new Error('cut off'));
      return call();
    };
    account.hubspot.log.clear();

    await account.runUntilDone();

    const read = account.hubspot.log.calls.filter(({ path }) => /threads\/\d+$/.test(path));
    expect(read.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(account.ids);
    expect(new Set(account.sent.flatMap(({ reasons }) => reasons))).toEqual(new Set(['sweep.full']));
  });

  it('does not come again before its time', async () => {
    const account = await atWork();
    account.clock.ms += 7 * DAY_MS;
    await account.runUntilDone();
    account.sent.splice(0);

    account.clock.ms += 6 * DAY_MS;
    await account.runUntilDone();

    expect(account.sent).toEqual([]);
  });
});

describe('a walk through the trash', () => {
  it('queues what has no finished snapshot as trash, and is content with what has one', async () => {
    const account = await atWork();
    const [lost, unseen, known] = account.ids;
    for (const threadId of [lost!, known!]) archiveThread(account.hubspot.world, threadId);
    await account.captureNow(known!);
    const never = addOldThread(account.hubspot.world, {
      threadId: '5',
      entries: 2,
      days: 90,
      endsAt: START - 60 * DAY_MS,
    });
    archiveThread(account.hubspot.world, never);

    account.clock.ms += DAY_MS;
    const [report] = await account.runUntilDone();

    const trash = account.sent.filter(({ reasons }) => reasons[0] === 'sweep.trash');
    expect(trash.map(({ threadId }) => threadId).sort()).toEqual([never, lost].sort());
    expect(passOf(report!, 'trash')).toMatchObject({ unarchived: 0, queued: 2 });
    expect(account.archive.record(threadRecordKey({ portalId: PORTAL_ID, threadId: lost! })).archived).toBe(
      true,
    );
    expect(account.archive.record(threadRecordKey({ portalId: PORTAL_ID, threadId: unseen! })).archived).toBe(
      false,
    );
  });

  it('counts a thread that lacks it for a second day, and no longer when it has it', async () => {
    const account = await atWork();
    const [threadId] = account.ids;
    archiveThread(account.hubspot.world, threadId!);
    const walk = async () => {
      account.clock.ms += DAY_MS;
      const report = await account.run();
      return passOf(report, 'trash')?.unarchived;
    };
    account.state.drains = false;

    expect([await walk(), account.queue.splice(0).length]).toEqual([0, 1]);
    expect([await walk(), account.queue.splice(0).length]).toEqual([1, 1]);
    await account.captureNow(threadId!);
    expect([await walk(), account.queue.length]).toEqual([0, 0]);
  });

  it('leaves what was erased alone', async () => {
    const account = await atWork();
    const [threadId] = account.ids;
    const key = threadRecordKey({ portalId: PORTAL_ID, threadId: threadId! });
    archiveThread(account.hubspot.world, threadId!);
    const tombstone = { ...account.archive.record(key), erased_at: '2026-02-02 12:00:00.000' };
    account.archive.overwrite(key, Buffer.from(JSON.stringify(tombstone)));

    account.clock.ms += 8 * DAY_MS;
    await account.runUntilDone();

    expect(account.sent.filter((queued) => queued.threadId === threadId)).toEqual([]);
  });
});

describe('the state of sweeps', () => {
  it('never passes a thread that was left for later, and never goes back', async () => {
    const account = await atWork();
    const before = stateOf(account).watermark;
    account.clock.ms += HOUR_MS;

    await account.runUntilDone();

    const { watermark, recent } = stateOf(account);
    expect(watermark > before).toBe(true);
    expect(Date.parse(`${recent.finished!}Z`) - Date.parse(`${watermark}Z`)).toBe(315_000);
  });

  it('is not begun anew when it cannot be read: a human must know', async () => {
    const account = await atWork();
    account.archive.overwrite(sweepStateKey(PORTAL_ID), Buffer.from('{}'));

    const report = await account.run();

    expect(report.failures).toEqual([
      'CorruptArchiveError: sweeps/portal_id=62515/state.json is not the state of a sweep',
    ]);
  });
});
