import { type PartRow } from './part.ts';
import { type MessageRow } from './row.ts';
import { takeOver } from './take-over.ts';

/** What a fetch made of an archived part. */
export type Merge = {
  rows: PartRow[];
  /** False when every row is as it was: then nothing is written. */
  changed: boolean;
  /** Ids of archived messages that these fetched rows do not have and that are not marked removed yet. */
  missing: string[];
};

/**
 * The union of what is archived and what was fetched, one row per message. No two of the fetched rows may have one id. A
 * message that was not fetched stays; one that came back after its removal is no longer marked. Pure, and idempotent: merging
 * the same rows again changes nothing.
 */
export function mergeRows(archived: readonly PartRow[], fetched: Iterable<MessageRow>): Merge {
  // The usual case, a day that is new, needs no bookkeeping: fetched rows have their ids once.
  if (archived.length === 0) return newPart([...fetched]);
  const rows = new Map(archived.map((row) => [row.message_id, row]));
  const missing = new Set(archived.filter((row) => row.removed_at === null).map((row) => row.message_id));
  let changed = false;
  for (const row of fetched) {
    const before = rows.get(row.message_id);
    const after = before === undefined ? row : newerOf(before, row);
    rows.set(row.message_id, after);
    missing.delete(row.message_id);
    changed ||= after !== before;
  }
  return { rows: [...rows.values()], changed, missing: [...missing] };
}

function newPart(rows: PartRow[]): Merge {
  return { rows, changed: rows.length > 0, missing: [] };
}

/** The archived row itself when the fetched one says nothing newer. */
function newerOf(archived: PartRow, fetched: MessageRow): PartRow {
  const cameBack = archived.removed_at !== null && fetched.observed_at > archived.removed_at;
  if (archived.raw === fetched.raw) {
    return cameBack ? { ...archived, observed_at: fetched.observed_at, removed_at: null } : archived;
  }
  if (!isNewer(fetched, archived)) return archived;
  const row = takeOver(fetched, archived);
  return cameBack ? row : { ...row, removed_at: archived.removed_at };
}

// HubSpot's own time of change decides; where it says nothing, the later fetch. All of these sort as text.
function isNewer(a: PartRow, b: PartRow): boolean {
  if (a.updated_at !== null && b.updated_at !== null && a.updated_at !== b.updated_at) {
    return a.updated_at > b.updated_at;
  }
  return a.observed_at > b.observed_at;
}

/**
 * The rows, with those that a complete fetch did not find marked as removed. A row that was seen by a later fetch than
 * this one, or is marked already, stays as it is.
 * @param fetchStartedAt start of the fetch that missed them
 * @param isMissing whether that fetch missed a message
 */
export function markRemoved(
  rows: readonly PartRow[],
  fetchStartedAt: string,
  isMissing: (messageId: string) => boolean,
): { rows: PartRow[]; changed: boolean } {
  let changed = false;
  const marked = rows.map((row) => {
    if (row.removed_at !== null || row.observed_at >= fetchStartedAt || !isMissing(row.message_id))
      return row;
    changed = true;
    return { ...row, removed_at: fetchStartedAt };
  });
  return { rows: marked, changed };
}
