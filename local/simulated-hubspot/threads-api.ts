import { answerJson, type ApiAnswer, invalidRequest, notFound } from './answers.ts';
import { type Call } from './call.ts';
import { type JsonObject, writeJson } from './json-text.ts';
import { isoInstant } from './message-json.ts';
import { cutPage, readCursor, writeCursor, writePage } from './paging.ts';
import { readArchived, readInstant, readLimit, readOneOf } from './query.ts';
import { countBefore, placeOf, type Thread, visibleEntries, type World } from './world.ts';

// The specification names no maximum; a tool in the field uses 500.
const LIMIT = { byDefault: 100, max: 500 };
const SORTS = [
  'id',
  'latestMessageTimestamp',
  '-id',
  '-latestMessageTimestamp',
  '-latestMessageTimestampAfter',
] as const;

/**
 * `GET threads`: always ascending, except for the threads of one contact.
 * Rules from the parameter texts of HubSpot's specification (Conversations v3, read November 2026).
 */
export function listThreads(call: Call): ApiAnswer {
  const { world, query, path } = call;
  const limit = readLimit(query, LIMIT);
  const filter = readFilter(query);
  const sort = readSort(query, filter);
  const list = `threads/${sort}/${filter.archived}`;
  const start = readCursor(query, list);
  const sorted = sortThreads(
    world.threadsById.filter((thread) => matches(world, thread, filter)),
    sort,
  );
  const from =
    start === undefined || start.position === '' ? 0 : countBefore(sorted, isPast(start.position, sort));
  const { count, next } = cutPage(call, { list, start, remaining: sorted.length - from, limit });
  const page = sorted.slice(from, from + count);
  const position = next === 'same place' ? (start?.position ?? '') : positionOf(page.at(-1), sort);
  const after = next === 'none' ? undefined : writeCursor(list, { position, emptied: next === 'same place' });
  const texts = page.map((thread) => writeJson(describeThread(world, thread, query)));
  return answerJson(writePage(texts, { path, query, after }));
}

/** `GET threads/{threadId}`: a thread in the trash needs `archived=true`, and any other must not have it. */
export function getThread(call: Call, threadId: string): ApiAnswer {
  const { world, query } = call;
  const thread = findThread(world, threadId, readArchived(query) ? 'trash' : 'live');
  return answerJson(writeJson(describeThread(world, thread, query)));
}

/** The thread when the API shows it there. @throws Refusal 404, or 400 for an id that is no number */
export function findThread(world: World, threadId: string, ...places: ('live' | 'trash')[]): Thread {
  if (!/^\d{1,19}$/.test(threadId)) throw invalidRequest('threadId must be a number');
  const thread = world.threads.get(threadId);
  const place = thread === undefined ? undefined : placeOf(world, thread);
  if (thread === undefined || place === undefined || !places.includes(place))
    throw notFound('thread', threadId);
  return thread;
}

type ThreadFilter = {
  archived: boolean;
  inboxIds: string[];
  contactId: string | null;
  ticketId: string | null;
  status: 'OPEN' | 'CLOSED' | undefined;
  latestFrom: number | undefined;
};

function readFilter(query: URLSearchParams): ThreadFilter {
  const filter = {
    archived: readArchived(query),
    inboxIds: query.getAll('inboxId'),
    contactId: query.get('associatedContactId'),
    ticketId: query.get('associatedTicketId'),
    status: readOneOf(query, 'threadStatus', ['OPEN', 'CLOSED']),
    latestFrom: readInstant(query, 'latestMessageTimestampAfter'),
  };
  if (filter.contactId !== null && filter.inboxIds.length > 0) {
    throw invalidRequest('inboxId cannot be used together with associatedContactId');
  }
  if (filter.contactId !== null && filter.status === undefined) {
    throw invalidRequest('threadStatus is required with associatedContactId');
  }
  return filter;
}

function readSort(query: URLSearchParams, { contactId, latestFrom }: ThreadFilter): (typeof SORTS)[number] {
  const sort = readOneOf(query, 'sort', SORTS) ?? 'id';
  if (sort.startsWith('-') && contactId === null) {
    throw invalidRequest('Descending order is available with associatedContactId only');
  }
  if (sort === 'latestMessageTimestamp' && latestFrom === undefined) {
    throw invalidRequest('latestMessageTimestampAfter is required when sorting by latestMessageTimestamp');
  }
  return sort;
}

function matches(world: World, thread: Thread, filter: ThreadFilter): boolean {
  const { profile, inboxId, status } = thread;
  if (placeOf(world, thread) !== (filter.archived ? 'trash' : 'live')) return false;
  visibleEntries(world, thread); // moves `latest` with what has become visible
  return (
    (filter.inboxIds.length === 0 || filter.inboxIds.includes(inboxId)) &&
    (filter.contactId === null || filter.contactId === profile.associatedContactId) &&
    (filter.ticketId === null || filter.ticketId === profile.associatedTicketId) &&
    (filter.status === undefined || filter.status === status) &&
    // "The minimum (earliest) latestMessageTimestamp": the instant itself is included.
    (filter.latestFrom === undefined || (thread.latest.message ?? 0) >= filter.latestFrom)
  );
}

type Sort = (typeof SORTS)[number];

function sortThreads(threads: Thread[], sort: Sort): Thread[] {
  if (sort === 'id') return threads; // as the world keeps them
  return threads.sort((one, other) => compareKeys(keyOf(one, sort), keyOf(other, sort), sort));
}

function isPast(position: string, sort: Sort): (thread: Thread) => boolean {
  const [time = 0, id = 0] = position.split(':').map(Number);
  return (thread) => compareKeys(keyOf(thread, sort), [time, id], sort) > 0;
}

function positionOf(thread: Thread | undefined, sort: Sort): string {
  return thread === undefined ? '' : keyOf(thread, sort).join(':');
}

function keyOf({ profile, latest }: Thread, sort: Sort): [time: number, id: number] {
  return [sort.endsWith('id') ? 0 : (latest.message ?? 0), Number(profile.threadId)];
}

function compareKeys(one: [number, number], other: [number, number], sort: Sort): number {
  const order = one[0] - other[0] || one[1] - other[1];
  return sort.startsWith('-') ? -order : order;
}

function describeThread(world: World, thread: Thread, query: URLSearchParams): JsonObject {
  visibleEntries(world, thread);
  const { profile, latest } = thread;
  const { associatedTicketId } = profile;
  const withTicket = associatedTicketId !== undefined && query.getAll('association').includes('TICKET');
  return {
    id: profile.threadId,
    createdAt: isoInstant(thread.createdAt),
    closedAt: instantOrNone(thread.closedAt),
    status: thread.status,
    originalChannelId: profile.channelId,
    originalChannelAccountId: profile.channelAccountId,
    latestMessageTimestamp: instantOrNone(latest.message),
    latestMessageSentTimestamp: instantOrNone(latest.sent),
    latestMessageReceivedTimestamp: instantOrNone(latest.received),
    assignedTo: thread.assignedTo,
    spam: false,
    inboxId: thread.inboxId,
    associatedContactId: profile.associatedContactId,
    archived: thread.archivedAt !== undefined,
    threadAssociations: withTicket ? { associatedTicketId } : undefined,
  };
}

function instantOrNone(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : isoInstant(ms);
}
