import { MESSAGES_PREFIX, parsePartKey } from '../../functions/archive/layout.ts';
import { decodePart, type PartRow } from '../../functions/archive/part.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { allMessages, type Entry, type World } from '../simulated-hubspot/world.ts';
import { countFiles, hasFiles, hasOriginal, isCut } from './contents.ts';
import { compareThreads } from './threads.ts';

/**
 * What can be wrong with an archive, and how the report calls it. Messages are named as `thread/message`, threads by their ids.
 */
export const FAULTS = [
  ['missing', 'missing'],
  ['unedited', 'without their last edit'],
  ['different', 'with other content'],
  ['misplaced', 'twice or on another day'],
  ['superfluous', 'not in HubSpot, and not marked so'],
  ['forgotten', 'removed in HubSpot, and not kept and marked'],
  ['withoutOriginal', 'without their whole text'],
  ['withoutFile', 'without a file'],
  ['withoutRecord', 'threads without a record'],
  ['outdated', 'threads with another status, assignee, inbox or ticket'],
  ['wronglyPlaced', 'threads in the trash and not marked so, or marked and not in it'],
  ['notErased', 'threads purged and not on record as erased'],
  ['leftOver', 'threads erased, and something of them left'],
] as const;
/** One kind of fault. */
export type Fault = (typeof FAULTS)[number][0];

/** How much there is of each kind of thing that a run plays. */
export type Counts = {
  /** Messages that HubSpot holds, those of threads in the trash included. */
  messages: number;
  /** Those of them that were edited, and those whose last edit no later event of their thread announces. */
  edited: number;
  editedUnannounced: number;
  /** Messages that were taken out of their threads. */
  removed: number;
  /** Messages that HubSpot lists cut. */
  originals: number;
  /** Files that are attached to messages. */
  files: number;
  threads: number;
  /** Threads in the trash, and threads that were taken out of it again. */
  trashed: number;
  restored: number;
  /** Threads that were deleted for privacy. */
  erased: number;
};

/** HubSpot against the archive. */
export type Comparison = {
  counts: Counts;
  /** Rows that are not marked as removed. */
  archivedMessages: number;
  faults: Readonly<Record<Fault, string[]>>;
};

type ArchivedRow = PartRow & { id: string; dt: string };

/**
 * Looks everything that the simulated HubSpot holds up in the archive of its account, byte for byte: messages as they are
 * after their last edit, originals, files, and where each thread is. And it looks for what HubSpot holds no more: what was
 * taken out must be kept and marked, and of what was purged nothing may be left.
 */
export async function compareWithHubSpot(store: ObjectStore, world: World): Promise<Comparison> {
  const rows = await readArchive(store, world);
  const { faults: ofThreads, ...threads } = await compareThreads(store, world);
  const faults = { ...noFaults(), ...ofThreads };
  const counts: Counts = {
    ...{ messages: 0, edited: 0, editedUnannounced: 0, removed: 0, originals: 0, files: 0 },
    ...threads,
  };
  const byId = Map.groupBy(rows, (row) => row.id);
  for (const entry of allMessages(world)) {
    countMessage(counts, world, entry);
    const [row, ...more] = byId.get(idOf(entry))?.filter(isShown) ?? [];
    const fault = faultOf(entry, row, more);
    if (fault !== undefined) faults[fault].push(idOf(entry));
    if (row === undefined || fault !== undefined) continue;
    if (isCut(row)) counts.originals++;
    counts.files += countFiles(row);
    if (isCut(row) && !hasOriginal(row, entry)) faults.withoutOriginal.push(idOf(entry));
    if (!(await hasFiles(store, row, world))) faults.withoutFile.push(idOf(entry));
  }
  const removed = Array.from(world.threads.values(), (thread) => thread.removed).flat();
  counts.removed = removed.length;
  faults.forgotten.push(...removed.map(idOf).filter((id) => byId.get(id)?.some(isShown) ?? true));
  const held = new Set([...allMessages(world), ...removed].map(idOf));
  const shown = rows.filter(isShown);
  faults.superfluous.push(...shown.map((row) => row.id).filter((id) => !held.has(id)));
  return { counts, archivedMessages: shown.length, faults };
}

/** Whether the archive is what HubSpot holds, no more and no less. */
export function isComplete({ faults }: Comparison): boolean {
  return Object.values(faults).every((ids) => ids.length === 0);
}

function noFaults(): Record<Fault, string[]> {
  return {
    ...{ missing: [], unedited: [], different: [], misplaced: [], superfluous: [], forgotten: [] },
    ...{ withoutOriginal: [], withoutFile: [], withoutRecord: [], outdated: [], wronglyPlaced: [] },
    ...{ notErased: [], leftOver: [] },
  };
}

function countMessage(counts: Counts, world: World, { threadId, editedAt }: Entry): void {
  counts.messages++;
  if (editedAt === undefined) return;
  counts.edited++;
  if (editedAt > (world.threads.get(threadId)?.lastEventAt ?? 0)) counts.editedUnannounced++;
}

function faultOf(
  entry: Entry,
  row: ArchivedRow | undefined,
  more: readonly ArchivedRow[],
): Fault | undefined {
  if (row === undefined) return 'missing';
  if (row.raw !== entry.json) return entry.editedAt === undefined ? 'different' : 'unedited';
  const dt = new Date(entry.createdAt).toISOString().slice(0, 10);
  return more.length > 0 || row.dt !== dt ? 'misplaced' : undefined;
}

function idOf({ threadId, messageId }: Entry): string {
  return `${threadId}/${messageId}`;
}

function isShown({ removed_at }: PartRow): boolean {
  return removed_at === null;
}

async function readArchive(store: ObjectStore, { portalId, purged }: World): Promise<ArchivedRow[]> {
  const rows = [];
  for await (const key of store.list(`${MESSAGES_PREFIX}portal_id=${portalId}/`)) {
    const part = parsePartKey(key);
    // What is left of a purged thread is named as such.
    if (part === undefined || purged.has(part.threadId)) continue;
    const object = await store.get(key);
    if (object === undefined) continue;
    for (const row of await decodePart(object.body, key)) {
      rows.push({ ...row, id: `${part.threadId}/${row.message_id}`, dt: part.dt });
    }
  }
  return rows;
}
