import { type RowOf } from '../archive/columns/column.ts';
import {
  type CHANNEL_ACCOUNT_COLUMNS,
  type CHANNEL_COLUMNS,
  type INBOX_COLUMNS,
} from '../archive/columns/places.ts';
import { readFlag, readId, readObject, readText, readTimestamp } from '../archive/fields.ts';
import { type Fetched } from '../hubspot/fetched.ts';

/** The rows of the tables of places, as HubSpot's lists have them, and what becomes of them from day to day. */

type InboxRow = RowOf<typeof INBOX_COLUMNS>;
type ChannelRow = RowOf<typeof CHANNEL_COLUMNS>;
type ChannelAccountRow = RowOf<typeof CHANNEL_ACCOUNT_COLUMNS>;

/** A row of one of the tables: every one has these columns beside its own. */
export type PlaceRow = Readonly<Record<string, unknown>> & PlaceHistory;
type PlaceHistory = { raw: string; observed_at: string; removed_at: string | null };

/** The row of an inbox that was seen at a time. */
export function inboxRow({ id, fields, raw }: Fetched, observedAt: string): InboxRow & PlaceHistory {
  return {
    inbox_id: id,
    name: readText(fields, 'name'),
    type: readText(fields, 'type'),
    archived: readFlag(fields, 'archived'),
    created_at: readTimestamp(fields, 'createdAt'),
    updated_at: readTimestamp(fields, 'updatedAt'),
    raw,
    observed_at: observedAt,
    removed_at: null,
  };
}

/** The row of a channel that was seen at a time. */
export function channelRow({ id, fields, raw }: Fetched, observedAt: string): ChannelRow & PlaceHistory {
  return {
    channel_id: id,
    name: readText(fields, 'name'),
    raw,
    observed_at: observedAt,
    removed_at: null,
  };
}

/** The row of a channel account that was seen at a time. */
export function channelAccountRow(
  { id, fields, raw }: Fetched,
  observedAt: string,
): ChannelAccountRow & PlaceHistory {
  const address = readObject(fields, 'deliveryIdentifier');
  return {
    channel_account_id: id,
    name: readText(fields, 'name'),
    channel_id: readId(fields, 'channelId'),
    inbox_id: readId(fields, 'inboxId'),
    active: readFlag(fields, 'active'),
    authorized: readFlag(fields, 'authorized'),
    archived: readFlag(fields, 'archived'),
    created_at: readTimestamp(fields, 'createdAt'),
    delivery_type: readText(address, 'type'),
    delivery_value: readText(address, 'value'),
    raw,
    observed_at: observedAt,
    removed_at: null,
  };
}

/**
 * What is archived, brought up to a list. What is as it was keeps its row; what is no longer listed stays, marked; what
 * comes back is no longer marked. In the order of the ids. Pure, and idempotent: the same list again changes nothing.
 * @param listed the rows of the list by id, as seen at `listedAt`
 */
export function mergePlaces(
  archived: ReadonlyMap<string, PlaceRow>,
  listed: ReadonlyMap<string, PlaceRow>,
  listedAt: string,
): PlaceRow[] {
  const ids = [...new Set([...archived.keys(), ...listed.keys()])].sort();
  return ids.flatMap((id) => {
    const [before, now] = [archived.get(id), listed.get(id)];
    if (before === undefined) return now === undefined ? [] : [now];
    if (now === undefined) return [{ ...before, removed_at: before.removed_at ?? listedAt }];
    return [before.raw === now.raw ? { ...before, removed_at: null } : now];
  });
}
