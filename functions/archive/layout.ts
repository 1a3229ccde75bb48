/**
 * Where things are in the archive: the keys that Athena's partitions, auditors and the Lambdas agree on.
 * Used by the stack as well as at run time, so it imports nothing but a hash and a type.
 */
import { sha256Hex } from '../sha256.ts';
import type { ThreadId } from '../thread-id.ts';

/** Key prefix of the parts: the messages of one thread created on one UTC day. */
export const MESSAGES_PREFIX = 'messages/';
/** Key prefix of the thread records. */
export const THREADS_PREFIX = 'threads/';
/** Key prefix of the files that are attached to messages. */
export const ATTACHMENTS_PREFIX = 'attachments/';
/** Key prefix of the records of erasures. */
export const ERASURES_PREFIX = 'erasures/';
/** Key prefix of the records of legal holds. */
export const HOLDS_PREFIX = 'holds/';
/** Key prefix of the digests of what was written, and of the public keys that they are checked with. */
export const DIGESTS_PREFIX = 'digests/';
/** Key prefix of the actors: people, bots and others that messages and threads name. */
export const ACTORS_PREFIX = 'actors/';
/** Key prefix of the notes about the tables of places. */
export const DIRECTORY_PREFIX = 'directory/';
/** Key prefix of where the sweeps are. */
export const SWEEPS_PREFIX = 'sweeps/';

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

const PART_KEY = /^messages\/portal_id=([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/([^/]+)\.json\.gz$/;

/** The part that a key names, or undefined when it is not the key of a part. */
export function parsePartKey(key: string): PartId | undefined {
  const [, portalId, dt, threadId] = PART_KEY.exec(key) ?? [];
  return portalId !== undefined && dt !== undefined && threadId !== undefined
    ? { portalId, dt, threadId }
    : undefined;
}

/**
 * Key of the record of one thread, e.g. `threads/portal_id=62515/6065362089.json`.
 * @throws RangeError when an id cannot be a path segment
 */
export function threadRecordKey({ portalId, threadId }: ThreadId): string {
  return `${THREADS_PREFIX}portal_id=${segment(portalId)}/${segment(threadId)}.json`;
}

const THREAD_RECORD_KEY = /^threads\/portal_id=([^/]+)\/([^/]+)\.json$/;

/** The thread whose record a key is, or undefined when it is another key. */
export function parseThreadRecordKey(key: string): ThreadId | undefined {
  return threadIn(key, THREAD_RECORD_KEY);
}

/**
 * What the keys of a thread's attachments begin with, e.g. `attachments/portal_id=62515/6065362089/`.
 * @throws RangeError when an id cannot be a path segment
 */
export function attachmentsPrefix({ portalId, threadId }: ThreadId): string {
  return `${ATTACHMENTS_PREFIX}portal_id=${segment(portalId)}/${segment(threadId)}/`;
}

const ATTACHMENT_KEY = /^attachments\/portal_id=([^/]+)\/([^/]+)\//;

/** The thread whose content or record a key holds, or undefined when it holds no thread's: what erasing a thread may take. */
export function threadOfKey(key: string): ThreadId | undefined {
  const part = parsePartKey(key);
  if (part !== undefined) return { portalId: part.portalId, threadId: part.threadId };
  return parseThreadRecordKey(key) ?? threadIn(key, ATTACHMENT_KEY);
}

/**
 * Key of the record of a thread's erasure, e.g. `erasures/portal_id=62515/6065362089.json`.
 * @throws RangeError when an id cannot be a path segment
 */
export function erasureKey({ portalId, threadId }: ThreadId): string {
  return `${erasuresPrefix(portalId)}${segment(threadId)}.json`;
}

/**
 * What the keys of an account's erasure records begin with.
 * @throws RangeError when the id cannot be a path segment
 */
export function erasuresPrefix(portalId: string): string {
  return `${ERASURES_PREFIX}portal_id=${segment(portalId)}/`;
}

const ERASURE_KEY = /^erasures\/portal_id=([^/]+)\/([^/]+)\.json$/;

/** The thread whose erasure a key is about, or undefined when it is another key. */
export function parseErasureKey(key: string): ThreadId | undefined {
  return threadIn(key, ERASURE_KEY);
}

/**
 * Key of the record of a thread's legal holds, e.g. `holds/portal_id=62515/6065362089.json`.
 * @throws RangeError when an id cannot be a path segment
 */
export function holdKey({ portalId, threadId }: ThreadId): string {
  return `${holdsPrefix(portalId)}${segment(threadId)}.json`;
}

/**
 * What the keys of an account's hold records begin with.
 * @throws RangeError when the id cannot be a path segment
 */
export function holdsPrefix(portalId: string): string {
  return `${HOLDS_PREFIX}portal_id=${segment(portalId)}/`;
}

const HOLD_KEY = /^holds\/portal_id=([^/]+)\/([^/]+)\.json$/;

/** The thread whose hold record a key is, or undefined when it is another key. */
export function parseHoldKey(key: string): ThreadId | undefined {
  return threadIn(key, HOLD_KEY);
}

/**
 * Ids of actors that stand in keys as they are. Those of agents, bots, integrations, the system, models and visitors are a
 * letter and a number or a plain name. Others may be an e-mail address (`E-…`) or something else that says who a person is,
 * and a key is seen by whoever may list.
 */
export const PLAIN_ACTOR_ID = /^[ABILSV]-[A-Za-z0-9_-]{1,126}$/;

/**
 * Key of an actor, e.g. `actors/portal_id=62515/A-4110231.json`. An id that may be somebody's address, or that cannot be
 * a path segment, is in the key as its SHA-256 in hex, which no plain id looks like.
 * @throws RangeError when the account's id cannot be a path segment
 */
export function actorKey({ portalId, actorId }: { portalId: string; actorId: string }): string {
  const name = PLAIN_ACTOR_ID.test(actorId) ? actorId : sha256Hex(actorId);
  return `${ACTORS_PREFIX}portal_id=${segment(portalId)}/${name}.json`;
}

/** The small tables of where conversations take place: one object each for an account. */
export type PlaceTable = 'inboxes' | 'channels' | 'channel_accounts';
/** Key prefixes of all those tables. */
export const PLACE_PREFIXES = ['inboxes/', 'channels/', 'channel_accounts/'] as const;

/**
 * Key of such a table, e.g. `inboxes/portal_id=62515/inboxes.json`.
 * @throws RangeError when the account's id cannot be a path segment
 */
export function placesKey({ portalId, table }: { portalId: string; table: PlaceTable }): string {
  return `${table}/portal_id=${segment(portalId)}/${table}.json`;
}

/**
 * Key of the note that says when the tables of places were last compared with HubSpot, e.g.
 * `directory/portal_id=62515/refreshed.json`.
 * @throws RangeError when the account's id cannot be a path segment
 */
export function directoryNoteKey(portalId: string): string {
  return `${DIRECTORY_PREFIX}portal_id=${segment(portalId)}/refreshed.json`;
}

/**
 * Key of where the sweeps of an account are, e.g. `sweeps/portal_id=62515/state.json`.
 * @throws RangeError when the account's id cannot be a path segment
 */
export function sweepStateKey(portalId: string): string {
  return `${SWEEPS_PREFIX}portal_id=${segment(portalId)}/state.json`;
}

/** The UTC day of an instant, `YYYY-MM-DD`: the `dt` of a message created then. */
export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

function threadIn(key: string, pattern: RegExp): ThreadId | undefined {
  const [, portalId, threadId] = pattern.exec(key) ?? [];
  return portalId !== undefined && threadId !== undefined ? { portalId, threadId } : undefined;
}

/**
 * An id as a segment of a key.
 * @throws RangeError when it cannot be one
 */
export function segment(id: string): string {
  if (!isSafeId(id)) throw new RangeError(`an id that cannot be part of a key: ${JSON.stringify(id)}`);
  return id;
}
