import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersionsOf, type Version } from './bucket.ts';
import { runScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { archiveEditedThreads, deliver, sayMore } from './edited-thread.ts';
import { expectErased, visitedOnce } from './erasures.ts';

const { outputs } = readDeployment();
const REASON = 'request 17 of a data subject';

/** A thread that an operator has erased, by the queue of erasures. HubSpot goes on having it. */
export function describeErase(hubspot: SimulatedHubSpot): void {
  describe('a thread that an operator orders to erase', () => {
    let threadId: string;
    let before: Version[];
    let said: string;

    beforeAll(async () => {
      [threadId = ''] = await archiveEditedThreads(hubspot, 1);
      before = await listVersionsOf(outputs.ArchiveBucketName, threadId);
      const thread = ['--thread', `${PORTAL_ID}/${threadId}`];
      said = await runScript('erase', [...thread, '--reason', REASON, '--yes', '--stack', 'Threadvault']);
      await visitedOnce(threadId);
    }, 60_000);

    it('has no version left but its tombstone after the first visit of the eraser, and who ordered it and why on record', async () => {
      expect(said).toContain(`${PORTAL_ID}/${threadId} queued to be erased\n`);
      await expectErased(threadId, before, {
        event: 'operator.erasure',
        ordered_by: expect.stringMatching(/^arn:aws:/),
        reason: REASON,
      });
    });

    it('is not brought back by a message that comes later', async () => {
      const after = await listVersionsOf(outputs.ArchiveBucketName, threadId);

      await deliver(sayMore(hubspot, threadId));

      expect(await listVersionsOf(outputs.ArchiveBucketName, threadId)).toEqual(after);
    });
  });
}
