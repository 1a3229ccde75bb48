import { describe, expect, it } from 'vitest';
import { threadRecordKey } from '../../../functions/archive/layout.ts';
import { addEntry } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { PORTAL_ID, START } from '../../support/simulated-account.ts';
import { backfillAccount } from './backfill-account.ts';

const DAY_MS = 86_400_000;

describe('the survey of an account', () => {
  it('finds every thread of an empty archive, those in the trash first, and those without a message too', async () => {
    const { addHistory, survey } = backfillAccount();
    const ids = addHistory(230);

    const found = await survey();

    expect(found).toMatchObject({ live: 185, inTrash: 46, failures: [] });
    expect(found.lacking.map(({ threadId }) => threadId).sort()).toEqual(ids.sort());
    expect(found.lacking.slice(0, 46).every(({ inTrash }) => inTrash)).toBe(true);
    expect(found.lacking.every(({ lack }) => lack === 'never archived')).toBe(true);
  });

  it('finds nothing when all is archived, and then what has changed since', async () => {
    const { addHistory, survey, archiveAll, hubspot, clock } = backfillAccount();
    const ids = addHistory(20);
    await archiveAll((await survey()).lacking);
    const before = await survey();
    clock.ms += DAY_MS;
    addEntry(hubspot.world, ids[3]!, { type: 'MESSAGE', by: 'visitor', text: 'more' });

    const after = await survey();

    expect(before.lacking).toEqual([]);
    expect(after.lacking).toMatchObject([{ threadId: ids[3], lack: 'newer message' }]);
  });

  it('leaves out, with a date, threads whose newest message is older', async () => {
    const { survey, hubspot } = backfillAccount();
    for (let n = 0; n < 20; n++)
      addOldThread(hubspot.world, { entries: 5, days: 1, endsAt: START - n * DAY_MS });
    const since = START - 5 * DAY_MS;
    const isNewer = (id: string) => (hubspot.world.threads.get(id)?.latest.message ?? 0) >= since;

    const { lacking } = await survey(since);

    const expected = [...hubspot.world.threads.keys()].filter(isNewer);
    expect(lacking.map(({ threadId }) => threadId).sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(20);
  });

  it('names a thread whose record cannot be read, and goes on', async () => {
    const { addHistory, survey, archive } = backfillAccount();
    const ids = addHistory(20);
    const key = threadRecordKey({ portalId: PORTAL_ID, threadId: ids[1]! });
    archive.overwrite(key, Buffer.from('not a record'));

    const found = await survey();

    expect(found.failures).toEqual([
      { threadId: ids[1], reason: `CorruptArchiveError: ${key} is not a thread record` },
    ]);
    expect(found.lacking).toHaveLength(20);
  });

  it('ends when it is told to', async () => {
    const { addHistory, survey, stopping, hubspot } = backfillAccount();
    addHistory(20);
    stopping.abort();

    expect(await survey()).toMatchObject({ live: 0, inTrash: 0 });
    expect(hubspot.log.calls).toEqual([]);
  });
});
