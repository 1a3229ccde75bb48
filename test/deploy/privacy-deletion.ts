import { beforeAll, describe, expect, it } from 'vitest';
import { purgeThread } from '../../local/simulated-hubspot/changes.ts';
import type { SubscriptionType } from '../../local/simulated-hubspot/events.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersionsOf, type Version } from './bucket.ts';
import { readDeployment } from './deployment.ts';
import { archiveEditedThreads, deliver } from './edited-thread.ts';
import { expectErased, visitedOnce } from './erasures.ts';
import { drained, findQueue } from './queues.ts';
import { eventOf, post } from './webhooks.ts';

const { outputs } = readDeployment();
const PRIVACY_DELETION = 'conversation.privacyDeletion';
const DELETION = 'conversation.deletion';
const BATCHES: [string, SubscriptionType[]][] = [
  ['a privacy deletion', [PRIVACY_DELETION]],
  ['a deletion and a privacy deletion in one batch', [DELETION, PRIVACY_DELETION]],
  ['a privacy deletion and a deletion in one batch', [PRIVACY_DELETION, DELETION]],
];

/** Threads that HubSpot deletes for privacy, and the deployed eraser. Its later visits come after these tests have ended. */
export function describePrivacyDeletion(hubspot: SimulatedHubSpot): void {
  describe('a thread that HubSpot deletes for privacy', () => {
    let doomed: { threadId: string; before: Version[] }[];

    beforeAll(async () => {
      const threads = await archiveEditedThreads(hubspot, BATCHES.length);
      doomed = await Promise.all(
        threads.map(async (threadId) => ({
          threadId,
          before: await listVersionsOf(outputs.ArchiveBucketName, threadId),
        })),
      );
      for (const [i, [, types]] of BATCHES.entries()) {
        const { threadId } = doomed[i]!;
        purgeThread(hubspot.world, threadId);
        expect(await post(types.map((type) => eventOf(threadId, type)))).toBe(200);
      }
      await Promise.all(threads.map(visitedOnce));
      await drained(await findQueue('UrgentQueue'));
    }, 120_000);

    it('was archived with older versions and a file', () => {
      for (const { before } of doomed) {
        const keys = before.map(({ Key }) => Key);
        const perPrefix = ['messages/', 'threads/', 'attachments/'].map(
          (prefix) => keys.filter((key) => key.startsWith(prefix)).length,
        );
        expect(perPrefix.map((versions, i) => versions >= [2, 2, 1][i]!)).toEqual([true, true, true]);
      }
    });

    it.each(BATCHES.map(([name], i) => [name, i] as const))(
      'has no version left but its tombstone after %s and the first visit of the eraser, and is on record as erasing',
      async (_, i) => {
        const { threadId, before } = doomed[i]!;
        await expectErased(threadId, before, { event: PRIVACY_DELETION, ordered_by: null, reason: null });
      },
    );

    it('is not brought back by an event that comes later', async () => {
      const after = await Promise.all(doomed.map(versionsNow));

      await deliver(doomed.map(({ threadId }) => eventOf(threadId, 'conversation.creation')));

      expect(await Promise.all(doomed.map(versionsNow))).toEqual(after);
    });
  });
}

function versionsNow({ threadId }: { threadId: string }): Promise<Version[]> {
  return listVersionsOf(outputs.ArchiveBucketName, threadId);
}
