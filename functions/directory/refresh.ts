import * as z from 'zod/mini';
import { directoryNoteKey, placesKey, type PlaceTable } from '../archive/layout.ts';
import { type ObjectStore, type StoredObject } from '../archive/store.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { CorruptArchiveError } from '../errors.ts';
import { type Fetched } from '../hubspot/fetched.ts';
import { type ListPlaces, type PlaceKind } from '../hubspot/places.ts';
import { channelAccountRow, channelRow, inboxRow, mergePlaces, type PlaceRow } from './place-rows.ts';
import { putUnlessChanged } from './put-unless-changed.ts';

/** For which account, and on whose behalf: the request id goes onto every object that is written. */
export type RefreshRequest = { portalId: string; requestId: string };

/** `fresh`: less than a day has passed since the last time, and HubSpot was not asked. */
export type RefreshOutcome = { status: 'refreshed' | 'fresh'; tablesWritten: number };

/** What it works with. */
export type RefreshDeps = {
  store: ObjectStore;
  listPlaces: ListPlaces;
  /** Milliseconds since 1970. */
  now: () => number;
};

const DAY_MS = 24 * 3_600_000;

type Table = {
  table: PlaceTable;
  kind: PlaceKind;
  idColumn: string;
  rowOf: (place: Fetched, observedAt: string) => PlaceRow;
};

const TABLES: readonly Table[] = [
  { table: 'inboxes', kind: 'inboxes', idColumn: 'inbox_id', rowOf: inboxRow },
  { table: 'channels', kind: 'channels', idColumn: 'channel_id', rowOf: channelRow },
  {
    table: 'channel_accounts',
    kind: 'channel-accounts',
    idColumn: 'channel_account_id',
    rowOf: channelAccountRow,
  },
];

/**
 * Brings an account's tables of inboxes, channels and channel accounts up to HubSpot's lists, once a day at most: a note in
 * the store says when that was last done. A table is written only when something in it changed. Idempotent; may be called
 * as often as one likes, and by several at once. Costs three calls a day, and one for each further hundred entries.
 * @throws HubSpotError, CorruptArchiveError and what the store throws, after it has done what it could; the next call tries
 * again
 */
export function createRefreshDirectory(
  deps: RefreshDeps,
): (request: RefreshRequest) => Promise<RefreshOutcome> {
  const { store, now } = deps;
  return async (request) => {
    const key = directoryNoteKey(request.portalId);
    const note = await store.get(key);
    if (now() - refreshedAtMs(note) < DAY_MS) return { status: 'fresh', tablesWritten: 0 };
    const written = await Promise.allSettled(TABLES.map((table) => refreshTable(deps, table, request)));
    for (const result of written) if (result.status === 'rejected') throw result.reason;
    const refreshedAt = sqlTimestamp(new Date(now()));
    const body = Buffer.from(`${JSON.stringify({ refreshed_at: refreshedAt })}\n`);
    const described = { contentType: 'application/json', answeredAt: refreshedAt, etag: note?.etag };
    await putUnlessChanged(store, { key, body, requestId: request.requestId, ...described });
    return {
      status: 'refreshed',
      tablesWritten: written.filter((r) => r.status === 'fulfilled' && r.value).length,
    };
  };
}

/** Gives whether the table changed. */
async function refreshTable(
  { store, listPlaces }: RefreshDeps,
  { table, kind, idColumn, rowOf }: Table,
  { portalId, requestId }: RefreshRequest,
): Promise<boolean> {
  const key = placesKey({ portalId, table });
  const before = await store.get(key);
  const archived = before === undefined ? new Map<string, PlaceRow>() : readTable(before, { key, idColumn });
  const { places, answeredAt } = await listPlaces(portalId, kind);
  const listedAt = sqlTimestamp(new Date(answeredAt));
  const listed = new Map(places.map((place) => [place.id, rowOf(place, listedAt)]));
  const lines = mergePlaces(archived, listed, listedAt).map((row) => `${JSON.stringify(row)}\n`);
  const body = Buffer.from(lines.join(''));
  if (before?.body.equals(body) ?? body.length === 0) return false;
  const described = { contentType: 'application/x-ndjson', answeredAt: listedAt, etag: before?.etag };
  return putUnlessChanged(store, { key, body, requestId, ...described });
}

const historySchema = z.looseObject({
  raw: z.string(),
  observed_at: z.string(),
  removed_at: z.nullable(z.string()),
});
// The row itself and not a copy, which would have its columns in another order.
const rowSchema = z.custom<PlaceRow>((row) => z.safeParse(historySchema, row).success);

function readTable({ body }: StoredObject, { key, idColumn }: { key: string; idColumn: string }) {
  try {
    const lines = body.toString('utf8').split('\n').filter(Boolean);
    const rows = lines.map((line) => z.parse(rowSchema, JSON.parse(line)));
    return new Map(rows.map((row): [string, PlaceRow] => [z.parse(z.string(), row[idColumn]), row]));
  } catch {
    // No cause: V8 quotes the text in its message.
    throw new CorruptArchiveError(`${key} is not a table of places`);
  }
}

const noteSchema = z.object({ refreshed_at: z.string() });

/** 0 when there is no note, or none that can be read: then it is written anew. */
function refreshedAtMs(note: StoredObject | undefined): number {
  if (note === undefined) return 0;
  try {
    return timestampMs(z.parse(noteSchema, JSON.parse(note.body.toString('utf8'))).refreshed_at) || 0;
  } catch {
    return 0;
  }
}
