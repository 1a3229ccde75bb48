import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { erasureKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { listVersionsOf, readObject, type Version } from './bucket.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';

const { outputs } = readDeployment();
const portalId = String(PORTAL_ID);

/** What tests look at of an erasure record. */
export type Erasure = { versions: number; tombstones: string[] };

/** A thread's erasure record; undefined when there is none. */
export async function readErasure(threadId: string): Promise<Erasure | undefined> {
  return readJson<Erasure>(erasureKey({ portalId, threadId }));
}

/** A thread's record. */
export async function readRecord(threadId: string): Promise<Record<string, unknown> | undefined> {
  return readJson(threadRecordKey({ portalId, threadId }));
}

/** Resolves when the first visit of the eraser is over: it notes what it has erased after that is gone. */
export async function visitedOnce(threadId: string): Promise<void> {
  while (((await readErasure(threadId))?.versions ?? 0) === 0) await sleep(250);
}

/**
 * Expects that nothing of a thread is left but its tombstone, and that its erasure is on record.
 * @param before the versions that there were
 * @param asked what the records must say of who asked for it
 */
export async function expectErased(
  threadId: string,
  before: readonly Version[],
  asked: { event: string; ordered_by: unknown; reason: string | null },
): Promise<void> {
  const erasure = await readErasure(threadId);
  expect(erasure).toMatchObject({
    thread_id: threadId,
    policy: 'erase',
    ...asked,
    started_at: expect.any(String),
    finished_at: null,
    locked: [],
  });
  expect(erasure!.versions).toBeGreaterThanOrEqual(before.length);
  expect(await listVersionsOf(outputs.ArchiveBucketName, threadId)).toEqual(
    erasure!.tombstones.map((VersionId) => ({ Key: threadRecordKey({ portalId, threadId }), VersionId })),
  );
  expect(await readRecord(threadId)).toMatchObject({
    erased_at: expect.any(String),
    erasure_event: asked.event,
    erasure_outcome: 'erasing',
    raw: null,
    message_count: 0,
    parts: [],
  });
}

async function readJson<T>(key: string): Promise<T | undefined> {
  const body = await readObject(outputs.ArchiveBucketName, key);
  return body && (JSON.parse(body.toString()) as T);
}
