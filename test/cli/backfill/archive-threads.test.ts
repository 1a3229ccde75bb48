import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concurrencyFor } from '../../../cli/backfill/archive-threads.ts';
import { type CaptureOutcome } from '../../../functions/archive/capture.ts';
import { StoreError } from '../../../functions/errors.ts';
import { compareWithHubSpot, FAULTS } from '../../../local/demo/compare.ts';
import { backfillAccount } from './backfill-account.ts';

const NO_FAULTS = Object.fromEntries(FAULTS.map(([fault]) => [fault, []]));

describe('archiving many threads', () => {
  it('archives every one, and each with one call, its pages and its cut messages, and one more in the trash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 12 }), async (seed, threads) => {
        const paging = { shortPages: 0.3, emptyPages: 0.2, danglingCursors: 0.3 };
        const account = backfillAccount({ seed, paging });
        const { hubspot, archive, survey, archiveAll, addHistory, failures } = account;
        addHistory(threads, (n) => (n % 4 === 0 ? 230 : 1 + (n % 9)));
        const { lacking, inTrash } = await survey();
        hubspot.log.clear();
        const outcomes: CaptureOutcome[] = [];

        await archiveAll(lacking, { onArchived: (outcome) => outcomes.push(outcome) });

        const allowed = outcomes.map(({ pages, enriched }) => 1 + pages + (enriched?.originals ?? 0));
        const most = allowed.reduce((sum, calls) => sum + calls, inTrash);
        expect(hubspot.log.calls.length).toBeLessThanOrEqual(most);
        expect(outcomes).toHaveLength(threads + 1);
        expect(failures).toEqual([]);
        const { faults } = await compareWithHubSpot(archive.store, hubspot.world);
        // This archive has no files.
        expect({ ...faults, withoutFile: [] }).toEqual(NO_FAULTS);
        expect((await survey()).lacking).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('asks for a thread in the trash where it is, and not first elsewhere', async () => {
    const { hubspot, survey, archiveAll, addHistory } = backfillAccount();
    addHistory(10);
    const { lacking } = await survey();
    hubspot.log.clear();

    await archiveAll(lacking);

    expect(hubspot.log.count(/threads\/\d+$/, 404)).toBe(0);
    expect(hubspot.log.count(/threads\/\d+$/, 200)).toBe(11);
  });

  it('names a thread that fails three times while HubSpot answers, and archives the rest', async () => {
    const { hubspot, survey, archiveAll, addHistory, failures } = backfillAccount();
    const ids = addHistory(10);
    hubspot.faults.next(100, { kind: 'status', status: 400 }, new RegExp(`threads/${ids[4]!}/messages`));

    await archiveAll((await survey()).lacking);

    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ threadId: ids[4], reason: expect.stringContaining('answered 400') });
    expect((await survey()).lacking.map(({ threadId }) => threadId)).toEqual([ids[4]]);
    expect(hubspot.log.count(new RegExp(`threads/${ids[4]!}/messages`))).toBe(3);
  });

  it('waits while HubSpot answers nobody, and gives up nothing', async () => {
    const { hubspot, survey, archiveAll, addHistory, failures, waits } = backfillAccount();
    addHistory(10);
    const { lacking } = await survey();
    hubspot.faults.next(150, { kind: 'status', status: 503 });

    await archiveAll(lacking);

    expect(failures).toEqual([]);
    expect((await survey()).lacking).toEqual([]);
    expect(waits.length).toBeGreaterThan(11);
  });

  it('waits as long as HubSpot says, 15 minutes at a time', async () => {
    const { hubspot, survey, archiveAll, addHistory, waits } = backfillAccount();
    addHistory(1);
    const { lacking } = await survey();
    hubspot.faults.next(1, { kind: 'status', status: 429, retryAfterSeconds: 600 });

    await archiveAll(lacking, { concurrency: 1 });

    expect(waits).toEqual([600_000]);
  });

  it('ends at once when the access token is refused, or the archive cannot be written', async () => {
    const { hubspot, survey, archiveAll, addHistory } = backfillAccount();
    addHistory(10);
    const { lacking } = await survey();
    hubspot.faults.next(2, { kind: 'status', status: 401 });
    const full = () => Promise.reject(new StoreError("the folder's disk does not write: ENOSPC"));

    await expect(archiveAll(lacking, { concurrency: 1 })).rejects.toThrow('answered 401');
    await expect(archiveAll(lacking, { captureThread: full })).rejects.toThrow('ENOSPC');
  });

  it('ends at once when HubSpot shows no threads of the account any more, and calls none of them gone', async () => {
    const { hubspot, survey, archiveAll, addHistory, archive } = backfillAccount();
    addHistory(10);
    const { lacking } = await survey();
    hubspot.faults.next(3, { kind: 'status', status: 404 });

    await expect(archiveAll(lacking, { concurrency: 1 })).rejects.toThrow('shows no threads of account');
    expect(archive.keys()).toEqual([]);
  });

  it('begins nothing more when it is told to end, and the next run reads nothing again that is complete', async () => {
    const { hubspot, survey, archiveAll, addHistory, stopping } = backfillAccount();
    addHistory(30);
    const { lacking } = await survey();
    let archived = 0;
    const stopAfterTen = () => {
      if (++archived === 10) stopping.abort();
    };
    await archiveAll(lacking, { onArchived: stopAfterTen });
    const next = new AbortController().signal;
    const complete = new Set(lacking.map(({ threadId }) => threadId));
    const rest = (await survey(undefined, next)).lacking;
    for (const { threadId } of rest) complete.delete(threadId);
    hubspot.log.clear();

    await archiveAll(rest, { signal: next });

    expect(complete.size).toBeGreaterThanOrEqual(10);
    expect(complete.size).toBeLessThan(31);
    const read = hubspot.log.calls.flatMap(({ path }) => /threads\/(\d+)/.exec(path)?.[1] ?? []);
    expect(read.filter((threadId) => complete.has(threadId))).toEqual([]);
    expect((await survey(undefined, next)).lacking).toEqual([]);
  });
});

it('has as many threads at a time as calls in a second, from 8 to 64', () => {
  expect([0.5, 10, 18, 1_000].map(concurrencyFor)).toEqual([8, 10, 18, 64]);
});
