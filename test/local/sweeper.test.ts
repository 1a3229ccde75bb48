import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SweepReport } from '../../functions/sweep/sweep.ts';
import { type QueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { describeSweep } from '../../local/serve-lines.ts';
import { addOldThread } from '../../local/simulated-hubspot/history.ts';
import { startSweeper } from '../../local/sweeper.ts';
import { PORTAL_ID, simulatedAccount } from '../support/simulated-account.ts';

const HOUR_MS = 3_600_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'threadvault-sweeper-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function start(sweepMinutes: number) {
  const account = simulatedAccount();
  account.clock.ms = Date.now();
  const threadId = addOldThread(account.hubspot.world, {
    entries: 2,
    days: 0.1,
    endsAt: account.clock.ms - HOUR_MS,
  });
  const store = await openFolderStore(folder);
  const queued: QueuedThread[] = [];
  const reports: SweepReport[] = [];
  const sweeper = startSweeper({
    store,
    queue: {
      send: (threads) => Promise.resolve(void queued.push(...threads)),
      size: () => queued.length,
    },
    get: account.http.get,
    portalId: PORTAL_ID,
    hubspotApiVersion: 'v3',
    coalesceMs: 15_000,
    sweepMinutes,
    lookEveryMs: 5,
    onSweep: (report) => reports.push(report),
  });
  return {
    threadId,
    queued,
    reports,
    log: account.hubspot.log,
    stop: async () => {
      await sweeper.stop();
      await store.close();
    },
  };
}

describe('the sweeper of a folder', () => {
  it('queues what no webhook has brought, says so once, and rests until the next sweep is due', async () => {
    const { threadId, queued, reports, stop } = await start(60);

    await expect.poll(() => reports.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stop();

    expect(queued.map((thread) => [thread.threadId, ...thread.reasons])).toEqual([[threadId, 'sweep']]);
    expect(reports.flatMap(describeSweep)).toEqual([
      'sweep for new messages: finished; 1 threads listed, 1 queued',
    ]);
  });

  it('does nothing when it is told never to sweep', async () => {
    const { log, reports, stop } = await start(0);

    await new Promise((resolve) => setTimeout(resolve, 50));
    await stop();

    expect([log.count(), reports.length]).toEqual([0, 0]);
  });

  it('says why a sweep failed, and names threads whose records cannot be read', () => {
    const pass = { portalId: PORTAL_ID, pages: 1, listed: 3, queued: 1, missed: 0, unreadable: ['7'] };
    const lines = describeSweep({
      portalId: PORTAL_ID,
      passes: [
        { ...pass, pass: 'trash', status: 'finished', unarchived: 2 },
        { ...pass, pass: 'full', status: 'failed', reason: 'HubSpotError: down', unreadable: [] },
      ],
      failures: ['StoreError: no disk'],
    });

    expect(lines).toEqual([
      'sweep for the trash: finished; 3 threads listed, 1 queued, records that cannot be read: 7, 2 not whole in the archive since the last time',
      'sweep for edits: failed, HubSpotError: down; 3 threads listed, 1 queued',
      'sweep: StoreError: no disk',
    ]);
  });
});
