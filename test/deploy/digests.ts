import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEvidence } from '../../functions/digest/layout.ts';
import { createS3Eraser } from '../../functions/erase/s3-eraser.ts';
import {
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersions, readBucket } from './bucket.ts';
import { tryScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { countMessages } from './queues.ts';

const { outputs, hubspotPort } = readDeployment();
const { ArchiveBucketName, ChangesQueueUrl } = outputs;

/** What the deployed stack signs, and what the operator's commands make of it. */
export function describeDigests(hubspot: SimulatedHubSpot): void {
  describe('the digests of a deployed stack', () => {
    let folder: string;
    let evidence: string[];
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
      evidence = (await listVersions(ArchiveBucketName)).filter(isEvidence);
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('list every version that is in the bucket, and take it off the queue', async ({ annotate }) => {
      const { stdout } = await command('digest');

      const changes = Number(/ of ([\d,]+) changes/.exec(stdout)?.[1]?.replace(',', ''));
      expect(changes).toBeGreaterThanOrEqual(evidence.length);
      // S3 has notified of the digest and of the public key too; the next run takes those off.
      expect(await countMessages(ChangesQueueUrl)).toBeLessThanOrEqual(2);
      await annotate(`${changes} changes listed, ${evidence.length} versions in the bucket`);
    });

    it.each([[[]], [['--deep']]])('prove the bucket, with a copy of the public key: %j', async (options) => {
      const [publicKey] = [...(await readBucket(ArchiveBucketName))].filter(([key]) => key.endsWith('.pem'));
      const copy = path.join(folder, 'public-key.pem');
      await writeFile(copy, publicKey![1]);

      const { stdout } = await command('verify', '--public-key', copy, ...options);

      expect(stdout).toContain('Proven: ');
      expect(stdout).toMatch(
        new RegExp(`^unchanged +${evidence.length.toLocaleString('en-US')} objects`, 'm'),
      );
    });

    it('agree with HubSpot, message by message', async () => {
      const { stdout, code } = await command(
        ...['verify', '--against', 'hubspot', '--portal', String(PORTAL_ID), '--requests-per-second', '18'],
        ...['--api-url', `http://127.0.0.1:${hubspotPort}`],
      );

      expect(stdout).toContain('Proven: ');
      expect(stdout).toMatch(new RegExp(`^threads +${hubspot.world.threads.size} in HubSpot`, 'm'));
      expect(code).toBe(0);
    });

    it('name the one version that somebody deletes, also when its deletion is in a digest', async () => {
      const s3 = new S3Client();
      const versions = await Array.fromAsync(createS3Eraser(s3, ArchiveBucketName).listVersions('threads/'));
      // One that was replaced: nothing that reads the archive misses it.
      const { key, versionId: VersionId } = versions.find(({ isLatest }) => !isLatest)!;
      await new S3Client().send(
        new DeleteObjectCommand({ Bucket: ArchiveBucketName, Key: key, VersionId: VersionId! }),
      );

      expect(await differences()).toEqual([
        { kind: 'missing', key, version_id: VersionId, detail: 'digest 0 lists it' },
      ]);
      await command('digest');
      expect(await differences()).toEqual([
        {
          kind: 'missing',
          key,
          version_id: VersionId,
          detail: expect.stringContaining('and its deletion at '),
        },
      ]);
    });

    async function differences(): Promise<unknown> {
      const file = path.join(folder, 'report.json');
      const { code } = await command('verify', '--json', file);
      expect(code).toBe(1);
      return (JSON.parse(await readFile(file, 'utf8')) as { findings: unknown }).findings;
    }
  });
}

function command(script: string, ...args: string[]): Promise<{ stdout: string; code: number }> {
  return tryScript(script, args, { HUBSPOT_ACCESS_TOKEN: SIMULATED_ACCESS_TOKEN });
}
