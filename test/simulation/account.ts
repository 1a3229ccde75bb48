import {
  addEntry,
  archiveThread,
  createThread,
  editMessage,
  removeMessage,
  restoreThread,
} from '../../local/simulated-hubspot/changes.ts';
import { type Turn } from '../../local/simulated-hubspot/conversation.ts';
import { buildEvent, type WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import { type JsonObject } from '../../local/simulated-hubspot/json-text.ts';
import { threadIdAt } from '../../local/simulated-hubspot/thread-profile.ts';
import { type Entry, type World } from '../../local/simulated-hubspot/world.ts';
import { MARKERS } from './markers.ts';
import { type EditStyle, type Step } from './plan.ts';
import { attachmentOf, plantedFiles } from './planted-file.ts';

/** A content of a message, and when HubSpot showed it: `from` included, `until` not. */
type State = { raw: string; from: number; until: number };

/** What HubSpot's users do, and the memory of everything HubSpot ever showed. */
export type Account = {
  /** Does a step and gives the events that HubSpot sends for it. What cannot be done (any more) is left undone. */
  apply: (step: Step) => WebhookEvent[];
  /** An event for each thread that there is, about nothing in particular. */
  touchAll: () => WebhookEvent[];
  /** When HubSpot showed this content of a message last, up to now; undefined for never. */
  lastShown: (messageId: string, raw: string) => number | undefined;
  /** When HubSpot showed the message first; it may be yet to come. */
  shownSince: (messageId: string) => number;
  /** When it was taken out; Infinity for never. */
  removedAt: (messageId: string) => number;
  /** Whether HubSpot has shown the message, and shows it now if its thread can be seen. */
  isShown: (messageId: string) => boolean;
  threadIds: () => string[];
  /** What the thread holds, visible or not yet. */
  messagesOf: (threadId: string) => Iterable<Entry>;
  /** When everything that exists is visible. */
  allVisibleAt: () => number;
};

const DAY_MS = 86_400_000;

export function createAccount(world: World): Account {
  const messages = new Map<number, Entry>();
  const states = new Map<string, State[]>();
  const removed = new Map<string, number>();

  function apply({ id, thread, action }: Step): WebhookEvent[] {
    const threadId = threadIdAt(thread);
    const held = world.threads.get(threadId);
    if (action.kind === 'create') {
      return held ? [] : createThread(world, { threadId, visibleAfterMs: action.lateMs }).events;
    }
    if (held === undefined) return [];
    if (action.kind === 'trash') return held.archivedAt === undefined ? archiveThread(world, threadId) : [];
    if (action.kind === 'restore') return held.archivedAt === undefined ? [] : restoreThread(world, threadId);
    if (action.kind === 'say') return say(id, threadId, action);
    const entry = messages.get(action.target);
    if (entry === undefined || removed.has(entry.messageId)) return [];
    if (action.kind === 'edit') return edit(id, entry, action.style);
    removed.set(entry.messageId, world.now());
    endState(entry.messageId);
    return removeMessage(world, threadId, entry.messageId);
  }

  function say(id: number, threadId: string, action: { type: string; lateMs: number; daysAgo: number }) {
    const createdAt = world.now() - action.daysAgo * DAY_MS;
    const { messageId, events } = addEntry(world, threadId, turnOf(id, action.type), {
      createdAt,
      visibleAfterMs: action.lateMs,
      fields: action.type === 'MESSAGE' ? planted(id) : {},
    });
    for (const file of plantedFiles(id)) world.files.set(file.fileId, file);
    const entry = world.threads.get(threadId)!.entries.get(messageId)!;
    messages.set(id, entry);
    states.set(messageId, [
      { raw: entry.json, from: Math.max(entry.visibleAt, world.now()), until: Infinity },
    ]);
    // Of what was there before the app was installed, HubSpot sent no event.
    return action.daysAgo > 0 ? [] : events;
  }

  function edit(id: number, entry: Entry, style: EditStyle): WebhookEvent[] {
    const { text } = JSON.parse(states.get(entry.messageId)![0]!.raw) as { text?: string };
    const { updatedAt } = JSON.parse(entry.json) as { updatedAt?: string };
    const news = { text: `${MARKERS.text} edit ${id}` };
    const changes: Record<EditStyle, JsonObject> = {
      stamped: news,
      silent: { ...news, updatedAt },
      back: { text, updatedAt },
    };
    endState(entry.messageId);
    const events = editMessage(world, entry.threadId, entry.messageId, changes[style]);
    const from = Math.max(entry.visibleAt, world.now());
    states.get(entry.messageId)!.push({ raw: entry.json, from, until: Infinity });
    return events;
  }

  function endState(messageId: string): void {
    const last = states.get(messageId)!.at(-1)!;
    last.until = Math.max(last.from, world.now());
  }

  return {
    apply,
    touchAll: () => [...world.threads.keys()].map((threadId) => touch(world, threadId)),
    lastShown(messageId, raw) {
      const now = world.now();
      const times = (states.get(messageId) ?? [])
        .filter((state) => state.raw === raw && state.from <= now && state.from < state.until)
        .map(({ until }) => Math.min(until, now));
      return times.length === 0 ? undefined : Math.max(...times);
    },
    shownSince: (messageId) => states.get(messageId)?.[0]?.from ?? Infinity,
    removedAt: (messageId) => removed.get(messageId) ?? Infinity,
    isShown: (messageId) => {
      const last = states.get(messageId)?.at(-1);
      return last !== undefined && !removed.has(messageId) && last.from <= world.now();
    },
    threadIds: () => [...world.threads.keys()],
    messagesOf: (threadId) => world.threads.get(threadId)?.entries.values() ?? [],
    allVisibleAt: () => {
      const threads = [...world.threads.values()];
      const entries = threads.flatMap((thread) => [...thread.entries.values()]);
      return Math.max(
        0,
        ...threads.map((thread) => thread.visibleAt),
        ...entries.map((entry) => entry.visibleAt),
      );
    },
  };
}

function touch(world: World, threadId: string): WebhookEvent {
  const number = world.threads.get(threadId)!.nextEventNumber++;
  const detail = {
    subscriptionType: 'conversation.propertyChange',
    propertyName: 'assignedTo',
    propertyValue: '',
  } as const;
  return buildEvent(world, { threadId, number, occurredAt: world.now() }, detail);
}

function turnOf(id: number, type: string): Turn {
  const text = `${MARKERS.text} ${id}`;
  if (type === 'COMMENT') return { type, text };
  if (type === 'ASSIGNMENT') return { type, assignedTo: `A-${id}` };
  if (type === 'THREAD_STATUS_CHANGE') return { type, newStatus: id % 2 === 0 ? 'OPEN' : 'CLOSED' };
  return { type: 'MESSAGE', by: 'visitor', text };
}

function planted(id: number): JsonObject {
  const deliveryIdentifier = { type: 'HS_EMAIL_ADDRESS', value: MARKERS.address };
  return {
    text: `${MARKERS.text} ${id}`,
    richText: undefined,
    senders: [{ actorId: 'V-1', name: MARKERS.name, senderField: 'FROM', deliveryIdentifier }],
    recipients: [],
    attachments: plantedFiles(id).map(attachmentOf),
  };
}
