import { countHeld } from '../../functions/holds/hold-thread.ts';
import { threadIdText } from '../../functions/thread-id.ts';
import { formatTable } from '../../local/text-table.ts';
import { type ArchiveReader } from '../archive-place.ts';
import { type HoldOfThread, readHolds } from './held-threads.ts';

/** A thread that is held. The counts are of versions; null where there are no such locks. */
export type HeldThread = HoldOfThread & { held: number | null; notHeld: number | null };

/**
 * The threads that are held, and whether all their versions are. Looks at every version of them: one call of S3 each.
 * @throws CorruptArchiveError, what the store throws
 */
export async function listHolds(reader: ArchiveReader): Promise<HeldThread[]> {
  const threads: HeldThread[] = [];
  for await (const each of readHolds(reader)) {
    if (!each.hold.held) continue;
    const deps = { store: reader, versions: reader };
    const counts = reader.locks && (await countHeld(deps, each.id, reader.locks));
    threads.push({ ...each, held: counts?.held ?? null, notHeld: counts?.notHeld ?? null });
  }
  return threads.sort((one, other) => (sinceOf(one) < sinceOf(other) ? -1 : 1));
}

/** A table with a row for each case of each thread, those held for longest first. */
export function describeHolds(threads: readonly HeldThread[]): string {
  if (threads.length === 0) return 'no holds';
  const names = ['thread', 'case', 'since (UTC)', 'versions held', 'not held', 'by', 'reason'];
  const rows = threads.flatMap((thread) =>
    actsOf(thread).map(({ case_name, done_at, done_by, reason }) => [
      threadIdText(thread.id),
      case_name,
      done_at.slice(0, 19),
      String(thread.held ?? '-'),
      String(thread.notHeld ?? '-'),
      done_by,
      reason,
    ]),
  );
  return formatTable([names, ...rows]);
}

/** The threads as a JSON array. Times are as in the archive, in UTC. */
export function holdsAsJson(threads: readonly HeldThread[]): string {
  const rows = threads.map((thread) => ({
    portalId: thread.id.portalId,
    threadId: thread.id.threadId,
    heldSince: thread.hold.held_since,
    cases: actsOf(thread).map(({ case_name, done_at, done_by, reason }) => ({
      name: case_name,
      since: done_at,
      by: done_by,
      reason,
    })),
    versionsHeld: thread.held,
    versionsNotHeld: thread.notHeld,
  }));
  return JSON.stringify(rows, null, 2);
}

/** The acts by which the cases hold it: the last one of each that holds. */
function actsOf({ hold }: HeldThread) {
  return hold.cases.flatMap((name) => {
    const act = hold.history.findLast(({ case_name }) => case_name === name);
    return act === undefined ? [] : [act];
  });
}

function sinceOf({ hold }: HeldThread): string {
  return hold.held_since ?? '';
}
