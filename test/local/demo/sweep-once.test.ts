import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type QueuedThread } from '../../../functions/thread-queue/queued-thread.ts';
import { sweepOnce } from '../../../local/demo/sweep-once.ts';
import { type FolderStore, openFolderStore } from '../../../local/folder-store.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { PORTAL_ID, simulatedAccount } from '../../support/simulated-account.ts';

const DAY_MS = 24 * 3_600_000;

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'threadvault-sweep-once-'));
  store = await openFolderStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function setUp() {
  const account = simulatedAccount();
  account.clock.ms = Date.now();
  const ids = [40, 100].map((daysAgo) =>
    addOldThread(account.hubspot.world, {
      entries: 2,
      days: 0.1,
      endsAt: account.clock.ms - daysAgo * DAY_MS,
    }),
  );
  const queued: QueuedThread[] = [];
  const sweep = () =>
    sweepOnce({
      store,
      queue: { send: (threads) => Promise.resolve(void queued.push(...threads)), size: () => queued.length },
      get: account.http.get,
      portalId: PORTAL_ID,
      hubspotApiVersion: 'v3',
      coalesceMs: 4_000,
    });
  return { ...account, ids, queued, sweep };
}

describe('the sweep of the demonstration', () => {
  it('queues every thread of the account for another look, as often as it is asked to', async () => {
    const { sweep, ids, queued } = setUp();

    expect(await sweep()).toEqual({ listed: 2, queued: 2 });
    await sweep();

    const both = queued.map(({ threadId, reasons }) => `${threadId} ${reasons.join()}`).sort();
    expect(both).toEqual(ids.flatMap((id) => [`${id} sweep.full`, `${id} sweep.full`]).sort());
  });

  it('fails when a list cannot be read', async () => {
    const { sweep, hubspot } = setUp();
    hubspot.faults.next(4, { kind: 'status', status: 403 });

    await expect(sweep()).rejects.toThrow(/^the sweep did not come to its end: .*HubSpot answered 403/);
  });
});
