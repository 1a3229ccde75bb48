import { type ChannelId } from './account.ts';
import { appendEntry, drawLateness, type EntryOptions } from './append-entry.ts';
import { type Turn } from './conversation.ts';
import { buildEvent, type EventDetail, TYPES_WITH_EVENT, type WebhookEvent } from './events.ts';
import { type JsonObject, writeJson } from './json-text.ts';
import { isoInstant } from './message-json.ts';
import { inventThread, threadIdAt } from './thread-profile.ts';
import { countBefore, type Thread, type World } from './world.ts';

/** Starts a thread. Its id, channel and people are drawn unless given. */
export function createThread(
  world: World,
  options: { threadId?: string; channelId?: ChannelId; createdAt?: number; visibleAfterMs?: number } = {},
): { threadId: string; events: WebhookEvent[] } {
  const { threadId = threadIdAt(world.nextHandMadeThread++), channelId } = options;
  if (world.threads.has(threadId)) throw new RangeError(`thread ${threadId} exists already`);
  const createdAt = options.createdAt ?? world.now();
  const profile = inventThread(world.random, { threadId, channelId });
  const thread: Thread = {
    profile,
    createdAt,
    visibleAt: createdAt + (options.visibleAfterMs ?? drawLateness(world, `${threadId}/thread`)),
    status: 'OPEN',
    assignedTo: undefined,
    inboxId: profile.inboxId,
    closedAt: undefined,
    archivedAt: undefined,
    restoredAt: undefined,
    latest: {},
    entries: new Map(),
    shown: [],
    pending: [],
    removed: [],
    lastMessage: undefined,
    lastCreatedAt: createdAt,
    nextEntryNumber: 0,
    nextEventNumber: 0,
    lastEventAt: undefined,
  };
  world.threads.set(threadId, thread);
  const place = countBefore(world.threadsById, (other) => Number(other.profile.threadId) > Number(threadId));
  world.threadsById.splice(place, 0, thread);
  registerVisitor(world, thread);
  return { threadId, events: [event(world, thread, { subscriptionType: 'conversation.creation' })] };
}

/** Adds an entry to a thread and does to the thread what the entry says. */
export function addEntry(
  world: World,
  threadId: string,
  turn: Turn,
  options: EntryOptions = {},
): { messageId: string; events: WebhookEvent[] } {
  const thread = getThread(world, threadId);
  const before = thread.assignedTo;
  const { messageId } = appendEntry(world, thread, turn, options);
  const details: EventDetail[] = [];
  if (TYPES_WITH_EVENT.includes(turn.type)) {
    details.push({ subscriptionType: 'conversation.newMessage', messageId, messageType: turn.type });
  }
  if (turn.type === 'THREAD_STATUS_CHANGE') details.push(propertyChange('status', turn.newStatus));
  if (turn.type === 'ASSIGNMENT' && turn.assignedTo !== before) {
    details.push(propertyChange('assignedTo', turn.assignedTo ?? ''));
  }
  return { messageId, events: details.map((detail) => event(world, thread, detail)) };
}

/** Changes members of a message's JSON. `updatedAt` moves, and HubSpot sends no event. */
export function editMessage(
  world: World,
  threadId: string,
  messageId: string,
  changes: JsonObject,
): WebhookEvent[] {
  const entry = getThread(world, threadId).entries.get(messageId);
  if (entry === undefined) throw new RangeError(`thread ${threadId} has no message ${messageId}`);
  const { compose } = entry;
  entry.editedAt = world.now();
  const updatedAt = isoInstant(entry.editedAt);
  entry.compose = () => {
    const composed = compose();
    return { ...composed, fields: { ...composed.fields, updatedAt, ...changes } };
  };
  entry.json = writeJson(entry.compose().fields);
  return [];
}

/** Takes a message out of its thread. HubSpot sends no event. */
export function removeMessage(world: World, threadId: string, messageId: string): WebhookEvent[] {
  const thread = getThread(world, threadId);
  const entry = thread.entries.get(messageId);
  if (entry === undefined) throw new RangeError(`thread ${threadId} has no message ${messageId}`);
  thread.entries.delete(messageId);
  thread.removed.push(entry);
  thread.shown = thread.shown.filter((other) => other !== entry);
  thread.pending = thread.pending.filter((other) => other !== entry);
  return [];
}

/** Sets a thread's status or assignee in a way that leaves no entry in its history; only the event tells. */
export function changeThread(
  world: World,
  threadId: string,
  change: { status: 'OPEN' | 'CLOSED' } | { assignedTo: string | undefined },
): WebhookEvent[] {
  const thread = getThread(world, threadId);
  if ('assignedTo' in change) {
    thread.assignedTo = change.assignedTo;
    return [event(world, thread, propertyChange('assignedTo', change.assignedTo ?? ''))];
  }
  thread.status = change.status;
  thread.closedAt = change.status === 'CLOSED' ? world.now() : undefined;
  return [event(world, thread, propertyChange('status', change.status))];
}

/** Moves a thread to the trash: from now on only `archived=true` shows it, for 30 days. */
export function archiveThread(world: World, threadId: string): WebhookEvent[] {
  const thread = getThread(world, threadId);
  thread.archivedAt = world.now();
  return [event(world, thread, { subscriptionType: 'conversation.deletion' })];
}

/** Takes a thread back out of the trash. */
export function restoreThread(world: World, threadId: string): WebhookEvent[] {
  const thread = getThread(world, threadId);
  thread.archivedAt = undefined;
  thread.restoredAt = world.now();
  // HubSpot's guide prints FALSE, its product team's announcement false.
  const value = world.random.fork(`restore/${threadId}/${thread.nextEventNumber}`).pick(['FALSE', 'false']);
  return [event(world, thread, propertyChange('isArchived', value))];
}

/**
 * Deletes a thread and its visitor for good, as a privacy request does: 404 everywhere.
 * A thread that was not in the trash sends a deletion as well, before or after.
 */
export function purgeThread(world: World, threadId: string): WebhookEvent[] {
  const thread = getThread(world, threadId);
  const events = [event(world, thread, { subscriptionType: 'conversation.privacyDeletion' })];
  if (thread.archivedAt === undefined) {
    const deletion = event(world, thread, { subscriptionType: 'conversation.deletion' });
    events.splice(world.random.fork(`purge/${threadId}`).int(0, 1), 0, deletion);
  }
  world.purged.set(threadId, thread);
  world.threads.delete(threadId);
  world.threadsById.splice(world.threadsById.indexOf(thread), 1);
  world.actors.delete(thread.profile.visitor.actorId);
  world.actors.delete(`E-${thread.profile.visitor.email}`);
  return events;
}

function registerVisitor({ actors }: World, { profile }: Thread): void {
  const { first, last, email, actorId } = profile.visitor;
  actors.set(actorId, {
    id: actorId,
    fields: { id: actorId, type: 'VISITOR', name: `${first} ${last}`, email },
  });
  actors.set(`E-${email}`, { id: `E-${email}`, fields: { id: `E-${email}`, type: 'EMAIL', email } });
}

function event(world: World, thread: Thread, detail: EventDetail): WebhookEvent {
  const { threadId } = thread.profile;
  thread.lastEventAt = world.now();
  const number = thread.nextEventNumber++;
  return buildEvent(world, { threadId, number, occurredAt: thread.lastEventAt }, detail);
}

function propertyChange(propertyName: string, propertyValue: string): EventDetail {
  return { subscriptionType: 'conversation.propertyChange', propertyName, propertyValue };
}

function getThread(world: World, threadId: string): Thread {
  const thread = world.threads.get(threadId);
  if (thread === undefined) throw new RangeError(`there is no thread ${threadId}`);
  return thread;
}
