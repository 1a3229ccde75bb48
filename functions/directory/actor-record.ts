import * as z from 'zod/mini';
import { type ACTOR_COLUMNS } from '../archive/columns/actors.ts';
import { type RowOf } from '../archive/columns/column.ts';
import { readText } from '../archive/fields.ts';
import { actorKey } from '../archive/layout.ts';
import { type ObjectStore } from '../archive/store.ts';
import { type Fetched } from '../hubspot/fetched.ts';

/** What the archive says of an actor. */
export type ActorRecord = RowOf<typeof ACTOR_COLUMNS> & {
  actor_id: string;
  observed_at: string;
  fetched_at: string;
};

/** Which actor, of which account. */
export type ActorId = { portalId: string; actorId: string };

/** An actor's object as it stands; `record` is undefined when it cannot be read as one. */
export type KnownActor = { record: ActorRecord | undefined; etag: string };

const text = z.nullable(z.string());
const recordSchema = z.object({
  actor_id: z.string(),
  type: text,
  name: text,
  email: text,
  avatar: text,
  raw: text,
  observed_at: z.string(),
  fetched_at: z.string(),
  removed_at: text,
});

/** The object of an actor; undefined when there is none. One that cannot be read is there to be written over. */
export async function readActorRecord(store: ObjectStore, id: ActorId): Promise<KnownActor | undefined> {
  const object = await store.get(actorKey(id));
  if (object === undefined) return undefined;
  return { record: parseRecord(object.body), etag: object.etag };
}

/**
 * The record after HubSpot has answered. Content that is as it was keeps its `observed_at`; an actor that HubSpot no longer
 * knows stays as it was, marked; an id that it never knew has a record that says so.
 * @param answeredAt when HubSpot answered, in the form of `sqlTimestamp`
 */
export function renewRecord(
  actorId: string,
  {
    before,
    found,
    answeredAt,
  }: { before: ActorRecord | undefined; found: Fetched | undefined; answeredAt: string },
): ActorRecord {
  if (found === undefined) {
    const known = before ?? { ...contentOf(actorId, {}, null), observed_at: answeredAt, removed_at: null };
    return { ...known, fetched_at: answeredAt, removed_at: known.removed_at ?? answeredAt };
  }
  const observedAt = before?.raw === found.raw ? before.observed_at : answeredAt;
  return {
    ...contentOf(actorId, found.fields, found.raw),
    observed_at: observedAt,
    fetched_at: answeredAt,
    removed_at: null,
  };
}

function contentOf(actorId: string, fields: Fetched['fields'], raw: string | null) {
  return {
    actor_id: actorId,
    type: readText(fields, 'type'),
    name: readText(fields, 'name'),
    email: readText(fields, 'email'),
    avatar: readText(fields, 'avatar'),
    raw,
  };
}

function parseRecord(body: Buffer): ActorRecord | undefined {
  try {
    return z.safeParse(recordSchema, JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
