import {
  attachmentsPrefix,
  erasureKey,
  MESSAGES_PREFIX,
  parsePartKey,
  threadRecordKey,
} from '../../functions/archive/layout.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { readThreadRecord, type StoredThreadRecord } from '../../functions/archive/thread-record.ts';
import { readErasure } from '../../functions/erase/erasure-record.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { placeOf, type Thread, type World } from '../simulated-hubspot/world.ts';

/** HubSpot's threads against the archive's. The lists hold ids of threads. */
export type ThreadComparison = {
  threads: number;
  trashed: number;
  restored: number;
  erased: number;
  faults: {
    withoutRecord: string[];
    outdated: string[];
    wronglyPlaced: string[];
    notErased: string[];
    leftOver: string[];
  };
};

/** Compares where each thread is and what its record says of it, and looks for what is left of purged ones. */
export async function compareThreads(store: ObjectStore, world: World): Promise<ThreadComparison> {
  const threads = [...world.threads.values()];
  const comparison: ThreadComparison = {
    threads: threads.length,
    trashed: threads.filter((thread) => placeOf(world, thread) === 'trash').length,
    restored: threads.filter(({ restoredAt }) => restoredAt !== undefined).length,
    erased: world.purged.size,
    faults: { withoutRecord: [], outdated: [], wronglyPlaced: [], notErased: [], leftOver: [] },
  };
  const { faults } = comparison;
  for (const thread of threads) {
    const record = (await readThreadRecord(store, idOf(world, thread)))?.record;
    const { threadId } = thread.profile;
    if (record === undefined) faults.withoutRecord.push(threadId);
    else {
      if (!isUpToDate(record, thread)) faults.outdated.push(threadId);
      if (!isPlacedRight(record, placeOf(world, thread) === 'trash')) faults.wronglyPlaced.push(threadId);
    }
  }
  const withParts = await threadsWithParts(store, world);
  for (const [threadId, thread] of world.purged) {
    if (!(await isOnRecord(store, idOf(world, thread)))) faults.notErased.push(threadId);
    if (withParts.has(threadId) || (await hasRemains(store, world, thread))) faults.leftOver.push(threadId);
  }
  return comparison;
}

function idOf({ portalId }: World, { profile }: Thread): ThreadId {
  return { portalId: String(portalId), threadId: profile.threadId };
}

function isUpToDate(record: StoredThreadRecord, { status, assignedTo, inboxId, profile }: Thread): boolean {
  const { status: archived, assigned_to, inbox_id, associated_ticket_id } = record;
  const { associatedTicketId = null } = profile;
  const fields = [status, assignedTo ?? null, inboxId, associatedTicketId];
  return JSON.stringify([archived, assigned_to, inbox_id, associated_ticket_id]) === JSON.stringify(fields);
}

function isPlacedRight({ archived, deleted_at }: StoredThreadRecord, isInTrash: boolean): boolean {
  return archived === isInTrash && (deleted_at !== null) === isInTrash;
}

async function threadsWithParts(store: ObjectStore, { portalId }: World): Promise<Set<string>> {
  const threadIds = new Set<string>();
  for await (const key of store.list(`${MESSAGES_PREFIX}portal_id=${portalId}/`)) {
    threadIds.add(parsePartKey(key)?.threadId ?? '');
  }
  return threadIds;
}

/** Whether the thread's record is a tombstone and the record of its erasure says that all is done. */
async function isOnRecord(store: ObjectStore, id: ThreadId): Promise<boolean> {
  const thread = await readThreadRecord(store, id);
  const erasure = await readErasure(store, id);
  const isTombstone = thread?.record.erasure_outcome === 'erased' && thread.record.erased_at !== null;
  return isTombstone && erasure !== undefined && erasure.erasure.finished_at !== null;
}

/** Whether there is a file of a purged thread, or anything of HubSpot's in what stands in its place. */
async function hasRemains(store: ObjectStore, world: World, thread: Thread): Promise<boolean> {
  const id = idOf(world, thread);
  for await (const _ of store.list(attachmentsPrefix(id))) return true;
  const { profile, entries, removed } = thread;
  const messages = [...entries.values(), ...removed];
  const traces = [profile.associatedContactId, profile.visitor.email, profile.visitor.actorId];
  for (const key of [threadRecordKey(id), erasureKey(id)]) {
    const text = (await store.get(key))?.body.toString() ?? '';
    if (traces.some((trace) => text.includes(JSON.stringify(trace)))) return true;
    if (messages.some(({ messageId }) => text.includes(messageId))) return true;
  }
  return false;
}
