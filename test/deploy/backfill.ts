import { describe, expect, it } from 'vitest';
import { threadRecordKey } from '../../functions/archive/layout.ts';
import { addOldThread } from '../../local/simulated-hubspot/history.ts';
import {
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { readBucket, readRows } from './bucket.ts';
import { runScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';

const { outputs, hubspotPort } = readDeployment();
const portalId = String(PORTAL_ID);
const YEAR_MS = 365 * 86_400_000;

/** Threads from before installation, and the command that has the deployed archiver fetch them. */
export function describeBackfill({ world }: SimulatedHubSpot): void {
  describe('a backfill through the queue of a stack', () => {
    it('archives the threads that nobody has told of, and ends when they are archived', async () => {
      // So old that the deployed sweeper does not look for them.
      const old = { entries: 6, days: 2, endsAt: Date.now() - YEAR_MS };
      const threads = [addOldThread(world, old), addOldThread(world, old), addOldThread(world, old)];
      const keys = threads.map((threadId) => threadRecordKey({ portalId, threadId }));
      const before = await readBucket(outputs.ArchiveBucketName);
      expect(keys.filter((key) => before.has(key))).toEqual([]);

      const api = ['--portal', portalId, '--api-url', `http://127.0.0.1:${hubspotPort}`];
      const env = { HUBSPOT_ACCESS_TOKEN: SIMULATED_ACCESS_TOKEN };
      const said = await runScript('backfill', [...api, '--stack', 'Threadvault'], env);

      expect(said).toMatch(/(\d+) threads queued, \1 archived\n$/);
      const archive = await readBucket(outputs.ArchiveBucketName);
      for (const threadId of threads) {
        const parts = [...archive.keys()].filter((key) => key.endsWith(`/${threadId}.json.gz`));
        const archived = parts.flatMap((key) => readRows(archive.get(key)!).map(({ raw }) => raw));
        const held = Array.from(world.threads.get(threadId)!.entries.values(), ({ json }) => json);
        expect(archived.sort()).toEqual(held.sort());
      }
    }, 120_000);
  });
}
