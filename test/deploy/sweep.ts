import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { sweepStateKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { archiveThread } from '../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../local/simulated-hubspot/history.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { readBucket, readRows } from './bucket.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';

const { outputs } = readDeployment();
const portalId = String(PORTAL_ID);

/** Threads that no webhook has told of, one of them in the trash, and the deployed sweeper. */
export function describeSweep({ world }: SimulatedHubSpot): void {
  describe('a deployed sweep', () => {
    it('archives what no webhook has told of', async () => {
      const lost = { entries: 5, days: 0.1, endsAt: Date.now() - 3_600_000 };
      const threads = [addOldThread(world, lost), addOldThread(world, lost)];
      archiveThread(world, threads[1]!);
      // Its schedule may have called it already, and the next look would not be due yet.
      const Key = sweepStateKey(portalId);
      await new S3Client().send(new DeleteObjectCommand({ Bucket: outputs.ArchiveBucketName, Key }));

      await invoke('sweep-threads');

      const archive = await waitFor(threads.map((threadId) => threadRecordKey({ portalId, threadId })));
      for (const threadId of threads) {
        const parts = [...archive.keys()].filter((key) => key.endsWith(`/${threadId}.json.gz`));
        const archived = parts.flatMap((key) => readRows(archive.get(key)!).map(({ raw }) => raw));
        const held = Array.from(world.threads.get(threadId)!.entries.values(), ({ json }) => json);
        expect(archived.sort()).toEqual(held.sort());
      }
      expect([...archive.keys()]).toContain(Key);
    }, 120_000);
  });
}

/** Calls a Lambda of the stack by the name it has in logs, and waits for its answer. */
async function invoke(service: string): Promise<void> {
  const api = `${process.env['AWS_ENDPOINT_URL'] ?? ''}/2015-03-31/functions`;
  const { Functions } = (await (await fetch(api)).json()) as {
    Functions: { FunctionName: string; Environment?: { Variables?: Record<string, string> } }[];
  };
  const lambda = Functions.find(
    ({ Environment }) => Environment?.Variables?.['POWERTOOLS_SERVICE_NAME'] === service,
  );
  const response = await fetch(`${api}/${lambda?.FunctionName ?? service}/invocations`, {
    method: 'POST',
    body: '{}',
  });
  expect([response.status, response.headers.get('x-amz-function-error')]).toEqual([200, null]);
}

/** The bucket as soon as it has all these keys. */
async function waitFor(keys: readonly string[]): Promise<Map<string, Buffer>> {
  for (;;) {
    const archive = await readBucket(outputs.ArchiveBucketName);
    if (keys.every((key) => archive.has(key))) return archive;
    await sleep(1_000);
  }
}
