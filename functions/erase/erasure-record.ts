import * as z from 'zod/mini';
import { type RowOf } from '../archive/columns/column.ts';
import { type ERASURE_COLUMNS } from '../archive/columns/erasures.ts';
import { erasureKey } from '../archive/layout.ts';
import { describeObject } from '../archive/parts.ts';
import { type ObjectStore } from '../archive/store.ts';
import { timestampMs } from '../archive/timestamp.ts';
import { CorruptArchiveError } from '../errors.ts';
import { type ThreadId } from '../thread-id.ts';

const erasureRecordSchema = z.object({
  thread_id: z.string(),
  policy: z.enum(['erase', 'hold']),
  event: z.string(),
  requested_at: z.string(),
  requested_by: z.string(),
  // Records from before an operator could order an erasure have none of these three.
  ordered_by: z._default(z.nullable(z.string()), null),
  reason: z._default(z.nullable(z.string()), null),
  started_at: z.nullable(z.string()),
  finished_at: z.nullable(z.string()),
  days: z.array(z.string()),
  objects: z._default(z.nullable(z.int()), null),
  versions: z.int(),
  locked: z.array(
    z.object({ key: z.string(), version_id: z.nullable(z.string()), until: z.nullable(z.string()) }),
  ),
  tombstones: z.array(z.string()),
  schema_version: z.literal(1),
});

/** What has become of a request to erase a thread: kept for good, with no content of it. */
export type ErasureRecord = z.infer<typeof erasureRecordSchema> & RowOf<typeof ERASURE_COLUMNS>;

/** Whether the lock on a version may have ended. A legal hold has no date, so whoever asks is told to look. */
export function isUnlocked({ until }: ErasureRecord['locked'][number], now: number): boolean {
  return until === null || timestampMs(until) <= now;
}

/** An erasure record as it was read, and the etag to replace it under. */
export type KnownErasure = { erasure: ErasureRecord; etag: string };

/**
 * The record of a thread's erasure; undefined when none was asked for.
 * @throws CorruptArchiveError naming the key, when it is not one
 */
export async function readErasure(
  store: Pick<ObjectStore, 'get'>,
  id: ThreadId,
): Promise<KnownErasure | undefined> {
  const key = erasureKey(id);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  try {
    const erasure = z.parse(erasureRecordSchema, JSON.parse(object.body.toString('utf8')));
    return { erasure, etag: object.etag };
  } catch {
    throw new CorruptArchiveError(`${key} is not the record of an erasure`);
  }
}

/**
 * Writes the record of an erasure over the one that was read. Gives it as it is known then.
 * @param etag undefined when there was none
 * @throws ConflictError when it has changed since
 */
export async function writeErasure(
  store: ObjectStore,
  id: ThreadId,
  { erasure, etag, requestId }: { erasure: ErasureRecord; etag: string | undefined; requestId: string },
): Promise<KnownErasure> {
  const body = Buffer.from(`${JSON.stringify(erasure)}\n`);
  const written = await store.put({
    key: erasureKey(id),
    body,
    contentType: 'application/json',
    condition: etag === undefined ? { absent: true } : { etag },
    ...describeObject(body, { requestId, fetchStartedAt: erasure.started_at ?? erasure.requested_at }),
  });
  return { erasure, etag: written.etag };
}
