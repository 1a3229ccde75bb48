import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  type ObjectLockConfiguration,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { createS3Eraser } from '../../functions/erase/s3-eraser.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { startThread } from './account.ts';
import { listVersions, listVersionsOf, type Version } from './bucket.ts';
import { readDeployment } from './deployment.ts';
import { drained } from './queues.ts';
import { post } from './webhooks.ts';

const { outputs, template } = readDeployment();
const Bucket = outputs.ArchiveBucketName;
const lock = template.Resources['ArchiveBucket49F1AC64']!.Properties[
  'ObjectLockConfiguration'
] as ObjectLockConfiguration;
const DAY_MS = 86_400_000;

/** What the deployed archiver writes while the bucket locks by default. To be described last: nothing here can be erased. */
export function describeRetention(hubspot: SimulatedHubSpot): void {
  describe('what the archiver writes under governance', () => {
    const s3 = new S3Client();
    let versions: Version[];

    beforeAll(async () => {
      // MiniStack leaves this part of the template out.
      await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: lock }));
      const { threadId, events } = startThread(hubspot);
      expect(await post(events)).toBe(200);
      await drained(outputs.ThreadQueueUrl);
      versions = await listVersionsOf(Bucket, threadId);
    }, 60_000);

    it('is locked for as long as configured', async ({ annotate }) => {
      const prefixes = new Set(versions.map(({ Key }) => Key.split('/')[0]));
      expect([...prefixes].sort()).toEqual(['messages', 'threads']);
      for (const version of versions) {
        const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, ...version }));
        expect(Retention?.Mode).toBe('GOVERNANCE');
        const days = (Retention!.RetainUntilDate!.getTime() - Date.now()) / DAY_MS;
        expect(Math.ceil(days)).toBe(lock.Rule?.DefaultRetention?.Days);
      }
      await annotate(`${versions.length} versions`);
    });

    it('cannot be deleted, and erasing is told until when', async () => {
      for (const version of versions) {
        await expect(s3.send(new DeleteObjectCommand({ Bucket, ...version }))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
      }
      const doomed = versions.map(({ Key, VersionId }) => ({
        key: Key,
        versionId: VersionId,
        isLatest: true,
      }));

      const locked = await createS3Eraser(s3, Bucket).eraseVersions(doomed);

      expect(locked.map(({ versionId }) => versionId)).toEqual(doomed.map(({ versionId }) => versionId));
      expect(locked.filter(({ until }) => until === null || until.getTime() < Date.now())).toEqual([]);
      expect(await listVersions(Bucket)).toEqual(
        expect.arrayContaining(versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`)),
      );
    });

    it('can be deleted by whoever may bypass governance and says so', async () => {
      const [first] = versions;

      await s3.send(new DeleteObjectCommand({ Bucket, ...first!, BypassGovernanceRetention: true }));

      expect(await listVersions(Bucket)).not.toContain(`${first!.Key} ${first!.VersionId}`);
    });
  });
}
