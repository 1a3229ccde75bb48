import { parsePartKey } from '../../functions/archive/layout.ts';
import { type MessageRow } from '../../functions/archive/row.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { type PutRequest, type StoredObject } from '../../functions/archive/store.ts';
import { type Account } from './account.ts';
import { findMarkers } from './markers.ts';
import { short } from './queue.ts';
import { type Stage } from './stage.ts';
import { recordOf, rowsOf } from './stored.ts';

/** Watches every write of the archive at the moment it takes effect. */
export function createWitness(stage: Stage, account: () => Account) {
  /** Where each message is, by id. */
  const placeOf = new Map<string, string>();
  let partWrites = 0;

  function seePart(key: string, body: Buffer, before: StoredObject | undefined): void {
    partWrites++;
    const part = parsePartKey(key);
    const rows = rowsOf(body);
    const old = new Map(before === undefined ? [] : rowsOf(before.body).map((row) => [row.message_id, row]));
    if (before !== undefined && isSame(rows, old)) stage.violate(4, `${key} is written again as it was`);
    for (const row of rows) {
      const { message_id: id } = row;
      if (placeOf.get(id) !== undefined && placeOf.get(id) !== key)
        stage.violate(1, `${short(id)} is in two parts`);
      placeOf.set(id, key);
      if (row.created_at.slice(0, 10) !== part?.dt || row.thread_id !== part.threadId) {
        stage.violate(1, `${short(id)} is in the wrong part ${key}`);
      }
      compareRow(row, old.get(id));
      old.delete(id);
    }
    for (const id of old.keys()) stage.violate(2, `${short(id)} is no longer in ${key}`);
  }

  function compareRow(row: MessageRow, before: MessageRow | undefined): void {
    const { message_id: id, raw } = row;
    const shownAt = account().lastShown(id, raw);
    if (shownAt === undefined) {
      stage.violate(3, `${short(id)} is archived with a text that HubSpot has not shown`);
      return;
    }
    if (row.removed_at !== null && (before?.removed_at ?? null) === null) checkMark(id, row.removed_at);
    if (before === undefined || before.raw === raw) return;
    if (updatedAtOf(raw) < updatedAtOf(before.raw)) {
      stage.violate(3, `${short(id)} goes back to what HubSpot says is older`);
    }
    if (shownAt >= account().lastShown(id, before.raw)!) return;
    stage.count('transient: gone back');
    stage.trace(() => `${short(id)} goes back`);
  }

  /** A message may be marked by a fetch that began before HubSpot showed it, or whose pages shifted while it read them. */
  function checkMark(id: string, removedAt: string): void {
    if (!account().isShown(id)) return;
    stage.count('transient: marked removed while shown');
    const fetchStartedAt = timestampMs(removedAt);
    if (stage.plan.settings.countingCursors || account().shownSince(id) > fetchStartedAt) return;
    stage.violate(2, `${short(id)} is marked removed, and HubSpot showed it all the time`);
  }

  function seeRecord(key: string, body: Buffer, before: StoredObject | undefined): void {
    if (before === undefined) return;
    const [now, then] = [recordOf(body), recordOf(before.body)];
    const [later, earlier] = [now.fetch_started_at ?? '', then.fetch_started_at ?? ''];
    // A fetch that is not finished may write its record more than once.
    if (then.complete === true ? later <= earlier : later < earlier)
      stage.violate(3, `${key} goes back from ${earlier} to ${later}`);
  }

  return {
    see({ key, body, metadata }: PutRequest, before: StoredObject | undefined): void {
      const leaked = findMarkers(`${key}${JSON.stringify(metadata)}`);
      if (leaked.length > 0) stage.violate(9, `the metadata of an object tell ${leaked.join(', ')}`);
      if (key.startsWith('threads/')) seeRecord(key, body, before);
      else if (key.startsWith('messages/')) seePart(key, body, before);
      else if (before !== undefined) stage.violate(4, `${key} is written twice`);
    },
    isArchived: (id: string) => placeOf.has(id),
    partWrites: () => partWrites,
  };
}

/** ISO 8601 in UTC; where HubSpot does not say, it is neither older nor newer. */
function updatedAtOf(raw: string): number {
  const { updatedAt } = JSON.parse(raw) as { updatedAt?: string };
  return updatedAt === undefined ? NaN : Date.parse(updatedAt);
}

/** Whether only the time of the fetch differs. */
function isSame(rows: readonly MessageRow[], before: ReadonlyMap<string, MessageRow>): boolean {
  return (
    rows.length === before.size &&
    rows.every((row) => {
      const old = before.get(row.message_id);
      return old?.raw === row.raw && old.removed_at === row.removed_at && contentsOf(old) === contentsOf(row);
    })
  );
}

/** What came besides the listing. */
function contentsOf({ original_text, original_rich_text, attachments }: MessageRow): string {
  return JSON.stringify([original_text, original_rich_text, attachments]);
}
