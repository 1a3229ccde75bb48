import { partKey, threadRecordKey, utcDay } from '../../functions/archive/layout.ts';
import { decodePart } from '../../functions/archive/part.ts';
import { readThreadRecord } from '../../functions/archive/thread-record.ts';
import { CorruptArchiveError } from '../../functions/errors.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { type HubSpotDeps } from './against-hubspot.ts';
import { type Finding } from './finding.ts';

/** What may differ between HubSpot and the archive. */
export const THREAD_FINDING_KINDS = [
  'thread not archived',
  'missing in archive',
  'only in archive',
  'not readable',
] as const;

/** A thread, compared: whether it was erased from the archive, and how many messages there are. */
export type ThreadComparison = { erased: boolean; held: number; archived: number; removed: number };

const NOTHING: ThreadComparison = { erased: false, held: 0, archived: 0, removed: 0 };

/** Ids in a difference; the count is exact. */
const NAMED_IDS = 10;

/** Compares one thread. A message that is marked as removed and not in HubSpot is as it should be. */
export async function compareThread(
  { archive, conversations }: Pick<HubSpotDeps, 'archive' | 'conversations'>,
  { id, archived }: { id: ThreadId; archived: boolean },
  report: (finding: Finding) => void,
): Promise<ThreadComparison> {
  const say = (kind: (typeof THREAD_FINDING_KINDS)[number], key: string, detail: string) => {
    report({ kind, key, versionId: null, detail });
  };
  try {
    const known = await readThreadRecord(archive, id);
    if (known === undefined) {
      say(
        'thread not archived',
        threadRecordKey(id),
        'HubSpot shows the thread, and there is no record of it',
      );
      return NOTHING;
    }
    if (typeof known.record.erased_at === 'string') return { ...NOTHING, erased: true };
    const days = new Map(known.record.parts.map(({ dt }) => [dt, new Set<string>()]));
    let held = 0;
    for await (const { messages } of conversations.listMessagePages(id, { threadIsArchived: archived })) {
      for (const { id: messageId, createdAt } of messages) {
        const dt = utcDay(new Date(createdAt));
        const day = days.get(dt) ?? new Set();
        if (!day.has(messageId)) held++;
        days.set(dt, day.add(messageId));
      }
    }
    const compared = { ...NOTHING, held };
    for (const [dt, shown] of days) {
      const day = await compareDay({ archive, key: partKey({ ...id, dt }), shown }, say);
      compared.archived += day.archived;
      compared.removed += day.removed;
    }
    return compared;
  } catch (error) {
    if (!(error instanceof CorruptArchiveError)) throw error;
    say('not readable', threadRecordKey(id), error.message);
    return NOTHING;
  }
}

type Say = (kind: (typeof THREAD_FINDING_KINDS)[number], key: string, detail: string) => void;

async function compareDay(
  { archive, key, shown }: { archive: HubSpotDeps['archive']; key: string; shown: ReadonlySet<string> },
  say: Say,
): Promise<{ archived: number; removed: number }> {
  const object = await archive.get(key);
  const rows = object === undefined ? [] : await decodePart(object.body, key);
  const missing = new Set(shown);
  const only: string[] = [];
  let removed = 0;
  for (const { message_id: messageId, removed_at: removedAt } of rows) {
    if (missing.delete(messageId)) continue;
    if (removedAt === null) only.push(messageId);
    else removed++;
  }
  const total = `HubSpot has ${shown.size}, the archive ${rows.length - removed}`;
  if (missing.size > 0) say('missing in archive', key, `${nameIds([...missing])}; ${total}`);
  if (only.length > 0) say('only in archive', key, `${nameIds(only)}, not marked as removed; ${total}`);
  return { archived: rows.length - removed, removed };
}

function nameIds(ids: readonly string[]): string {
  const more = ids.length > NAMED_IDS ? `, … and ${ids.length - NAMED_IDS} more` : '';
  return `${ids.length === 1 ? 'message' : `${ids.length} messages:`} ${ids.slice(0, NAMED_IDS).join(', ')}${more}`;
}
