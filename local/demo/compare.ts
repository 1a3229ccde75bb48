import { MESSAGES_PREFIX, parsePartKey } from '../../functions/archive/layout.ts';
import { decodePart, type PartRow } from '../../functions/archive/part.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { allMessages, type World } from '../simulated-hubspot/world.ts';
import { countFiles, hasFiles, hasOriginal, isCut } from './contents.ts';

/** HubSpot's messages against the archive's. The lists hold `thread/message` ids. */
export type Comparison = {
  hubspotMessages: number;
  /** Rows of the same threads that are not marked as removed. */
  archivedMessages: number;
  missing: string[];
  /** Archived with another content than HubSpot shows. */
  different: string[];
  /** Archived more than once, or on another day than they were created. */
  misplaced: string[];
  /** Messages that HubSpot lists cut, and those of them whose whole text is not in the archive. */
  originals: number;
  withoutOriginal: string[];
  /** Files that are attached to messages, and the messages of which one is not in the archive, byte for byte. */
  files: number;
  withoutFile: string[];
};

/** Looks every message that the simulated HubSpot holds up in the archive, byte for byte. */
export async function compareWithHubSpot(store: ObjectStore, world: World): Promise<Comparison> {
  const archived = await readArchive(store, world);
  const comparison: Comparison = {
    hubspotMessages: 0,
    archivedMessages: archived.length,
    missing: [],
    different: [],
    misplaced: [],
    originals: 0,
    withoutOriginal: [],
    files: 0,
    withoutFile: [],
  };
  const byId = Map.groupBy(archived, (row) => row.id);
  for (const entry of allMessages(world)) {
    comparison.hubspotMessages++;
    const id = `${entry.threadId}/${entry.messageId}`;
    const [row, ...more] = byId.get(id) ?? [];
    const dt = new Date(entry.createdAt).toISOString().slice(0, 10);
    if (row === undefined) comparison.missing.push(id);
    else if (row.raw !== entry.json) comparison.different.push(id);
    else if (more.length > 0 || row.dt !== dt) comparison.misplaced.push(id);
    else {
      if (isCut(row)) {
        comparison.originals++;
        if (!hasOriginal(row, entry)) comparison.withoutOriginal.push(id);
      }
      comparison.files += countFiles(row);
      if (!(await hasFiles(store, row, world))) comparison.withoutFile.push(id);
    }
  }
  return comparison;
}

/** Whether the archive is what HubSpot holds, no more and no less. */
export function isComplete(comparison: Comparison): boolean {
  const { hubspotMessages, archivedMessages, missing, different, misplaced, withoutOriginal, withoutFile } =
    comparison;
  const faults = [missing, different, misplaced, withoutOriginal, withoutFile];
  return hubspotMessages === archivedMessages && faults.every((ids) => ids.length === 0);
}

async function readArchive(
  store: ObjectStore,
  world: World,
): Promise<(PartRow & { id: string; dt: string })[]> {
  const rows = [];
  for await (const key of store.list(`${MESSAGES_PREFIX}portal_id=${world.portalId}/`)) {
    const part = parsePartKey(key);
    const object = part && world.threads.has(part.threadId) ? await store.get(key) : undefined;
    if (part === undefined || object === undefined) continue;
    for (const row of await decodePart(object.body, key)) {
      if (row.removed_at === null)
        rows.push({ ...row, id: `${part.threadId}/${row.message_id}`, dt: part.dt });
    }
  }
  return rows;
}
