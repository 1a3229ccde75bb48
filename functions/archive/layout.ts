/**
 * Where things are in the archive: the keys that Athena's partitions, auditors and the Lambdas agree on.
 * Used by the stack as well as at run time, so it imports nothing but a type.
 */
import type { ThreadId } from '../thread-id.ts';

/** Key prefix of the parts: the messages of one thread created on one UTC day. */
export const MESSAGES_PREFIX = 'messages/';
/** Key prefix of the thread records. */
export const THREADS_PREFIX = 'threads/';
/** Key prefix of the files that are attached to messages. */
export const ATTACHMENTS_PREFIX = 'attachments/';

/** A part: one thread, one UTC day (`YYYY-MM-DD`). */
export type PartId = ThreadId & { dt: string };

// Ids become path segments and partition values. HubSpot's are digits; anything that could climb out of a
// folder, or that S3 and Athena would read differently, is refused.
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Whether an id may stand in a key: letters, digits, `_` and `-`, at most 128 characters. */
export function isSafeId(id: string): boolean {
  return SAFE_ID.test(id);
}

/**
 * Key of the part of one thread and UTC day, e.g. `messages/portal_id=62515/dt=2023-11-07/6065362089.json.gz`.
 * Athena picks the compression by the lower-case extension, so `.json.gz` is part of the contract
 * (https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html, read November 2026).
 * @throws RangeError when an id cannot be a path segment
 */
export function partKey({ portalId, dt, threadId }: PartId): string {
  return `${MESSAGES_PREFIX}portal_id=${segment(portalId)}/dt=${segment(dt)}/${segment(threadId)}.json.gz`;
}

/**
 * Key of the record of one thread, e.g. `threads/portal_id=62515/6065362089.json`.
 * @throws RangeError when an id cannot be a path segment
 */
export function threadRecordKey({ portalId, threadId }: ThreadId): string {
  return `${THREADS_PREFIX}portal_id=${segment(portalId)}/${segment(threadId)}.json`;
}

const PART_KEY = /^messages\/portal_id=([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/([^/]+)\.json\.gz$/;

/** The part that a key names, or undefined when it is not the key of a part. */
export function parsePartKey(key: string): PartId | undefined {
  const [, portalId, dt, threadId] = PART_KEY.exec(key) ?? [];
  return portalId !== undefined && dt !== undefined && threadId !== undefined
    ? { portalId, dt, threadId }
    : undefined;
}

/** The UTC day of an instant, `YYYY-MM-DD`: the `dt` of a message created then. */
export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

function segment(id: string): string {
  if (!isSafeId(id)) throw new RangeError(`an id that cannot be part of a key: ${JSON.stringify(id)}`);
  return id;
}
