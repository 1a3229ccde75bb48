import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sweepStateKey } from '../../../functions/archive/layout.ts';
import { HubSpotError } from '../../../functions/errors.ts';
import { MAX_BACKLOG } from '../../../functions/sweep/feed.ts';
import { type SweepState } from '../../../functions/sweep/state.ts';
import { compareWithHubSpot } from '../../../local/demo/compare.ts';
import { archiveThread } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { PORTAL_ID, START } from '../../support/simulated-account.ts';
import { DAY_MS, HOUR_MS, passOf, sweptAccount } from '../../support/swept-account.ts';

const SHORT_PAGES = { shortPages: 1, emptyPages: 0.2, danglingCursors: 0.3 };

/** An account with threads that no webhook has told of, some of them in the trash; none is archived. */
async function withLostThreads(threads = 12) {
  const account = sweptAccount({ paging: SHORT_PAGES });
  await account.run('first');
  const ids = Array.from({ length: threads }, (_, i) => String(6_000_000_000 + i));
  for (const [i, threadId] of ids.entries()) {
    addOldThread(account.hubspot.world, {
      threadId,
      entries: 2,
      days: 0.001,
      endsAt: START + HOUR_MS + i * 60_000,
    });
    if (i % 4 === 3) archiveThread(account.hubspot.world, threadId);
  }
  account.clock.ms += DAY_MS;
  return { ...account, ids };
}

const missingOf = async ({ archive, hubspot }: Awaited<ReturnType<typeof withLostThreads>>) =>
  (await compareWithHubSpot(archive.store, hubspot.world)).faults.missing;
const stateOf = ({ archive }: Awaited<ReturnType<typeof withLostThreads>>) =>
  archive.record(sweepStateKey(PORTAL_ID)) as unknown as SweepState;

describe('a sweep', () => {
  it('comes to the same whichever of its calls is its last, before or after it took effect', async () => {
    const cut = fc.record({ at: fc.nat(40), afterwards: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 6 }), async (cuts) => {
        const account = await withLostThreads();
        let calls = 0;
        let cutNow: { at: number; afterwards: boolean } | undefined;
        account.around.call = async (_name, call) => {
          if (cutNow?.at !== calls++) return call();
          if (cutNow.afterwards) await call();
          throw new Error('cut off');
        };
        for (cutNow of cuts) {
          calls = 0;
          await account.run();
          account.clock.ms += 300_000;
        }
        cutNow = undefined;

        await account.runUntilDone();

        expect(await missingOf(account)).toEqual([]);
        expect(stateOf(account)).toMatchObject({ recent: { place: null }, trash: { place: null } });
      }),
      { numRuns: 60 },
    );
  });

  it('goes on an hour later, and reads what has changed, when answers of HubSpot were dated five years ahead', async () => {
    const account = await withLostThreads();
    account.clock.datedAheadMs = 5 * 365 * DAY_MS;
    await account.runUntilDone();
    account.clock.datedAheadMs = 0;
    addOldThread(account.hubspot.world, {
      threadId: '6100000000',
      entries: 2,
      days: 0.001,
      endsAt: account.clock.ms,
    });
    account.clock.ms += HOUR_MS;

    await account.runUntilDone();

    expect(await missingOf(account)).toEqual([]);
    // Nor does a fetch that was dated so cover what happens after it.
    const threadId = account.ids[0]!;
    account.clock.ms += HOUR_MS;
    expect(await account.captureNow(threadId)).toBe('archived');
  });

  it('may run beside another one: one of them goes on, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const account = await withLostThreads(6);
        account.around.call = (name, call) => scheduler.schedule(Promise.resolve(), name).then(call);
        const both = Promise.all([account.run('one'), account.run('other')]);

        await scheduler.waitFor(both);
        account.around.call = (_name, call) => call();
        await account.runUntilDone();

        expect(await missingOf(account)).toEqual([]);
        const reports = await both;
        expect(reports.flatMap(({ passes }) => passes.filter(({ status }) => status === 'failed'))).toEqual(
          [],
        );
      }),
      { numRuns: 20 },
    );
  });

  it('begins anew at the last message it saw when HubSpot no longer knows the cursor', async () => {
    const account = await withLostThreads(200);
    let refusals = 0;
    let lists = 0;
    account.around.call = (name, call) => {
      if (name !== 'list') return call();
      lists++;
      if (lists % 2 !== 0) return call();
      refusals++;
      return Promise.reject(new HubSpotError('the cursor', { status: 400 }));
    };

    await account.runUntilDone();

    expect(refusals).toBeGreaterThan(1);
    expect(await missingOf(account)).toEqual([]);
  });

  it('does not ask for ever when HubSpot refuses every cursor, and keeps its place', async () => {
    const account = await withLostThreads(200);
    let lists = 0;
    account.around.call = (name, call) =>
      name === 'list' && ++lists > 1
        ? Promise.reject(new HubSpotError('the cursor', { status: 400 }))
        : call();

    const { passes } = await account.run();

    expect(passes.map(({ status }) => status)).toContain('refused');
    expect(lists).toBeLessThan(10);
    account.around.call = (_name, call) => call();
    await account.runUntilDone();
    expect(await missingOf(account)).toEqual([]);
  });

  it('looks at the messages also when HubSpot does not give the list of the trash', async () => {
    const account = await withLostThreads();
    account.hubspot.faults.next(1, { kind: 'status', status: 400 });

    const report = await account.run();

    expect(report.passes.map(({ pass, status }) => [pass, status])).toEqual([
      ['trash', 'refused'],
      ['recent', 'finished'],
    ]);
  });

  it('keeps few threads waiting on a queue that nobody drains, and goes on when somebody does', async () => {
    const account = await withLostThreads(3 * MAX_BACKLOG);
    account.state.drains = false;

    const first = await account.run();
    const second = await account.run();

    expect([passOf(first, 'trash')?.status, passOf(second, 'recent')?.status]).toEqual([
      'finished',
      'unfinished',
    ]);
    expect(account.state.longest).toBe(MAX_BACKLOG);
    account.state.drains = true;
    await account.runUntilDone();
    expect(account.state.longest).toBe(MAX_BACKLOG);
    expect(await missingOf(account)).toEqual([]);
  });

  it.each([
    ['is down', { kind: 'status', status: 503 }],
    ['refuses the token', { kind: 'status', status: 401 }],
    ['has no calls left for the day', { kind: 'status', status: 429, retryAfterSeconds: 3_600 }],
    ['breaks connections', { kind: 'dropped' }],
  ] as const)(
    'stops with a few calls when HubSpot %s in the middle, and goes on where it was',
    async (_, fault) => {
      const account = await withLostThreads(200);
      let lists = 0;
      account.around.call = (name, call) => {
        if (name === 'list' && ++lists === 2) account.hubspot.faults.next(1_000, fault);
        return call();
      };
      const { passes } = await account.run();
      const place = stateOf(account).trash.place ?? stateOf(account).recent.place;
      const callsWhileBroken =
        account.hubspot.log.count(/threads$/) - account.hubspot.log.count(/threads$/, 200);

      expect(passes.at(-1)?.status).toBe('failed');
      expect(passes.at(-1)?.reason).toMatch(/^HubSpotError: /);
      expect(callsWhileBroken).toBeLessThanOrEqual(4);
      expect(place?.cursor).toEqual(expect.any(String));
      account.hubspot.faults.clear();
      account.clock.ms += HOUR_MS;
      await account.runUntilDone();
      expect(await missingOf(account)).toEqual([]);
    },
  );
});
