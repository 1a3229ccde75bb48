import { isSafeId } from '../archive/layout.ts';
import { type HubSpotEvent, THREAD_EVENT_TYPES } from '../hubspot/events.ts';
import { threadIdText } from '../thread-id.ts';
import { routeOf } from '../thread-queue/route.ts';
import { type QueuedThread } from '../thread-queue/queued-thread.ts';

/** An event that asks for nothing: of a kind, an account or an object that is not archived. */
export type IgnoredEvent = Pick<HubSpotEvent, 'type' | 'portalId' | 'eventId'>;

/** What to queue for a batch of events, one entry per thread and route, and what was left out. */
export type GroupedEvents = { threads: QueuedThread[]; ignored: IgnoredEvent[] };

/** Groups events by account, thread and route, in the order in which these first appear. Pure. */
export function groupByThread(
  events: readonly HubSpotEvent[],
  { portals, receivedAt, requestId }: { portals: readonly string[]; receivedAt: number; requestId: string },
): GroupedEvents {
  const threads = new Map<string, QueuedThread>();
  const ignored: IgnoredEvent[] = [];
  for (const event of events) {
    const id = { portalId: event.portalId, threadId: event.objectId };
    if (!THREAD_EVENT_TYPES.has(event.type) || !portals.includes(id.portalId) || !isSafeId(id.threadId)) {
      ignored.push({ type: event.type, portalId: event.portalId, eventId: event.eventId });
      continue;
    }
    const empty = {
      version: 1 as const,
      messageIds: [],
      reasons: [],
      occurredAt: 0,
      receivedAt,
      requestId,
      waits: 0,
      looks: 0,
    };
    const group = `${routeOf(event.type)} ${threadIdText(id)}`;
    const thread = threads.get(group) ?? { ...id, ...empty };
    threads.set(group, withEvent(thread, event));
  }
  return { threads: [...threads.values()], ignored };
}

function withEvent(thread: QueuedThread, { type, messageId, occurredAt }: HubSpotEvent): QueuedThread {
  return {
    ...thread,
    messageIds: messageId === undefined ? thread.messageIds : unique([...thread.messageIds, messageId]),
    reasons: unique([...thread.reasons, type]),
    // An event that does not say when it happened has happened by now.
    occurredAt: Math.max(thread.occurredAt, occurredAt ?? thread.receivedAt),
  };
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
