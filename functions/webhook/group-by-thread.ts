import { isSafeId } from '../archive/layout.ts';
import { type HubSpotEvent, THREAD_EVENT_TYPES } from '../hubspot/events.ts';
import { threadIdText } from '../thread-id.ts';
import { newQueuedThread, type QueuedThread } from '../thread-queue/queued-thread.ts';
import { routeOf } from '../thread-queue/route.ts';

/**
 * An event that asks for nothing: of a kind, an account or an object that is not archived. It is logged, so it holds
 * numbers and the name of a subscription type, and `unknown` in place of any other text.
 */
export type IgnoredEvent = { type: string; portalId: string; eventId: string | undefined };

/** What to queue for a batch of events, one entry per thread and route, and what was left out. */
export type GroupedEvents = { threads: QueuedThread[]; ignored: IgnoredEvent[] };

const SUBSCRIPTION_TYPE = /^[a-z_]{1,32}\.[A-Za-z]{1,32}$/;
const NUMBER = /^\d{1,20}$/;

// HubSpot forgets an event after a day, and signs none of more than five minutes from now.
const OLDEST_EVENT_MS = 7 * 86_400_000;
const NEWEST_EVENT_MS = -300_000;

/** Groups events by account, thread and route, in the order in which these first appear. Pure. */
export function groupByThread(
  events: readonly HubSpotEvent[],
  { portals, receivedAt, requestId }: { portals: readonly string[]; receivedAt: number; requestId: string },
): GroupedEvents {
  const threads = new Map<string, QueuedThread>();
  const ignored: IgnoredEvent[] = [];
  const nothing = { reasons: [], occurredAt: 0, receivedAt, requestId };
  for (const event of events) {
    const id = { portalId: event.portalId, threadId: event.objectId };
    if (!THREAD_EVENT_TYPES.has(event.type) || !portals.includes(id.portalId) || !isSafeId(id.threadId)) {
      ignored.push(withoutTexts(event));
      continue;
    }
    const group = `${routeOf(event.type)} ${threadIdText(id)}`;
    const thread = threads.get(group) ?? newQueuedThread({ ...id, ...nothing });
    threads.set(group, withEvent(thread, event));
  }
  return { threads: [...threads.values()], ignored };
}

function withEvent(thread: QueuedThread, { type, messageId, occurredAt }: HubSpotEvent): QueuedThread {
  return {
    ...thread,
    messageIds: messageId === undefined ? thread.messageIds : unique([...thread.messageIds, messageId]),
    reasons: unique([...thread.reasons, type]),
    occurredAt: Math.max(thread.occurredAt, timeOf(occurredAt, thread.receivedAt)),
  };
}

/**
 * When an event happened, at the latest. One that does not say so, or names a time that cannot be, has happened by now:
 * were it taken for an old one, it would seem to be archived already.
 */
function timeOf(occurredAt: number | undefined, receivedAt: number): number {
  if (occurredAt === undefined) return receivedAt;
  const age = receivedAt - occurredAt;
  return age >= NEWEST_EVENT_MS && age <= OLDEST_EVENT_MS ? occurredAt : receivedAt;
}

function withoutTexts({ type, portalId, eventId }: HubSpotEvent): IgnoredEvent {
  return {
    type: SUBSCRIPTION_TYPE.test(type) ? type : 'unknown',
    portalId: NUMBER.test(portalId) ? portalId : 'unknown',
    eventId: eventId === undefined || NUMBER.test(eventId) ? eventId : 'unknown',
  };
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
