import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersionsOf } from './bucket.ts';
import { runScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { archiveEditedThreads, TEXTS } from './edited-thread.ts';

const { outputs } = readDeployment();

type Source = { key: string; version_id: string };
type Manifest = {
  problems: unknown[];
  files: { path: string; sha256: string; bytes: number; sources: Source[] }[];
};

/** A thread with an edited message, exported from the deployed bucket. */
export function describeExport(hubspot: SimulatedHubSpot): void {
  describe('an export of a thread from the bucket of a stack', () => {
    let place: string;
    let threadId: string;
    let manifest: Manifest;

    beforeAll(async () => {
      place = await mkdtemp(path.join(tmpdir(), 'threadvault-export-'));
      [threadId = ''] = await archiveEditedThreads(hubspot, 1);
      const thread = ['--thread', `${PORTAL_ID}/${threadId}`];
      await runScript('export', [...thread, '--stack', 'Threadvault', '--to', path.join(place, 'case')]);
      manifest = JSON.parse(String(await readExported('manifest.json'))) as Manifest;
    }, 60_000);
    afterAll(() => rm(place, { recursive: true }));

    it('shows what an edited message says now, and what an older version in S3 has', async () => {
      const transcript = String(await readExported(`threads/${PORTAL_ID}/${threadId}/transcript.html`));

      expect(transcript).toContain(TEXTS.before);
      expect(transcript).toContain(TEXTS.after);
      const rows = String(await readExported(`threads/${PORTAL_ID}/${threadId}/messages.ndjson`));
      expect(rows).not.toContain(TEXTS.before);
    });

    it('has every file as its manifest says, each from versions that are in the bucket', async ({
      annotate,
    }) => {
      const versions = await listVersionsOf(outputs.ArchiveBucketName, threadId);
      const ids = versions.map(({ VersionId }) => VersionId);

      for (const { path: file, sha256, bytes, sources } of manifest.files) {
        const content = await readExported(file);
        expect([file, digest(content), content.length]).toEqual([file, sha256, bytes]);
        const ofThread = sources.filter(({ key }) => key.includes(`/${threadId}`));
        expect(ofThread.filter(({ version_id }) => !ids.includes(version_id))).toEqual([]);
      }
      const paths = manifest.files.map((file) => file.path).join(' ');
      expect(paths).toMatch(
        /earlier-versions\.ndjson.*invoice.*\.pdf|invoice.*\.pdf.*earlier-versions\.ndjson/,
      );
      expect(manifest.problems).toEqual([]);
      const { manifest_sha256 } = JSON.parse(String(await readExported('request.json'))) as {
        manifest_sha256: string;
      };
      expect(digest(await readExported('manifest.json'))).toBe(manifest_sha256);
      await annotate(`${manifest.files.length} files`);
    });

    const readExported = (file: string): Promise<Buffer> => readFile(path.join(place, 'case', file));
  });
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
