import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersionsOf, type Version } from './bucket.ts';
import { runScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { archiveEditedThreads, deliver, sayMore } from './edited-thread.ts';
import { readErasure, readRecord } from './erasures.ts';
import { eventOf, post } from './webhooks.ts';

const Bucket = readDeployment().outputs.ArchiveBucketName;
const s3 = new S3Client();

/**
 * A thread under a legal hold, from the command that adds it to the one that removes it. MiniStack asks no bucket policy, so
 * that the roles which may release are not shown here; they are in test/cdk.
 */
export function describeHolds(hubspot: SimulatedHubSpot): void {
  describe('a thread that an operator holds', () => {
    let threadId: string;

    beforeAll(async () => {
      // MiniStack leaves this part of the template out. No default retention, which would keep what the hold lets go.
      const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
      await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
      [threadId = ''] = await archiveEditedThreads(hubspot, 1);
    }, 60_000);

    it('has a hold on each of its versions', async () => {
      const versions = await listVersionsOf(Bucket, threadId);
      expect(await holdsOf(versions)).toEqual(versions.map(() => undefined));

      const said = await hold('add', '--reason', 'case 4711');

      expect(said).toBe(`${PORTAL_ID}/${threadId} held by general, ${versions.length} versions held\n`);
      expect(await listVersionsOf(Bucket, threadId)).toEqual(versions);
      expect(await holdsOf(versions)).toEqual(versions.map(() => 'ON'));
    });

    it('has a hold on what the archiver writes of it later', async () => {
      const before = (await listVersionsOf(Bucket, threadId)).map(({ VersionId }) => VersionId);

      await deliver(sayMore(hubspot, threadId));

      const versions = await listVersionsOf(Bucket, threadId);
      const later = versions.filter(({ VersionId }) => !before.includes(VersionId));
      const prefixes = new Set(later.map(({ Key }) => Key.split('/')[0]));
      expect([...prefixes].sort()).toEqual(['messages', 'threads']);
      expect(await holdsOf(later)).toEqual(later.map(() => 'ON'));
    });

    it('can lose no version, whoever may bypass governance included', async () => {
      const versions = await listVersionsOf(Bucket, threadId);

      for (const version of versions) {
        const request = { Bucket, ...version, BypassGovernanceRetention: true };
        await expect(s3.send(new DeleteObjectCommand(request))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
      }

      expect(await listVersionsOf(Bucket, threadId)).toEqual(versions);
    });

    it('loses nothing when HubSpot deletes it for privacy, and the request is on record as held', async () => {
      const before = await listVersionsOf(Bucket, threadId);

      expect(await post([eventOf(threadId, 'conversation.privacyDeletion')])).toBe(200);
      while ((await readRecord(threadId))?.['erasure_outcome'] !== 'held') await sleep(250);

      const after = await listVersionsOf(Bucket, threadId);
      expect(after).toEqual(expect.arrayContaining(before));
      expect(await holdsOf(after)).toEqual(after.map(() => 'ON'));
      expect(await readRecord(threadId)).toMatchObject({ erased_at: null, message_count: 4 });
      expect(await readErasure(threadId)).toMatchObject({ started_at: null, finished_at: null, versions: 0 });
    });

    it('is listed with its case, who holds it and why, and no version without a hold', async () => {
      const { length } = await listVersionsOf(Bucket, threadId);

      const listed = JSON.parse(
        await runScript('hold', ['list', '--json', '--stack', 'Threadvault']),
      ) as unknown;

      const heldBy = { name: 'general', by: expect.stringMatching(/^arn:aws:/), reason: 'case 4711' };
      expect(listed).toMatchObject([{ threadId, cases: [heldBy], versionsHeld: length, versionsNotHeld: 0 }]);
    });

    it('has no hold any more when its last case is removed', async () => {
      const versions = await listVersionsOf(Bucket, threadId);

      const said = await hold('remove', '--reason', 'case 4711 is closed');

      expect(said).toBe(`${PORTAL_ID}/${threadId} not held, ${versions.length} versions released\n`);
      expect(await holdsOf(versions)).toEqual(versions.map(() => 'OFF'));
      expect(await runScript('hold', ['list', '--stack', 'Threadvault'])).toBe('no holds\n');
    });

    const hold = (act: 'add' | 'remove', ...args: string[]): Promise<string> =>
      runScript('hold', [act, '--thread', `${PORTAL_ID}/${threadId}`, ...args, '--stack', 'Threadvault']);
  });
}

/** The state of the legal hold of each version; undefined for one that has never had any. */
function holdsOf(versions: readonly Version[]): Promise<(string | undefined)[]> {
  return Promise.all(
    versions.map(async (version) => {
      try {
        const { LegalHold } = await s3.send(new GetObjectLegalHoldCommand({ Bucket, ...version }));
        return LegalHold?.Status;
      } catch (error) {
        if ((error as Error).name === 'NoSuchObjectLockConfiguration') return undefined;
        throw error;
      }
    }),
  );
}
