import { CHANNEL_ACCOUNTS, CHANNELS, INBOXES, type Listed, permanentActors } from './account.ts';
import { type SimulatedFile } from './attachments.ts';
import { TYPES_WITH_EVENT } from './events.ts';
import { type ComposedEntry } from './message-json.ts';
import { createRandom, type Random } from './random.ts';
import { type ThreadProfile } from './thread-profile.ts';

/** One entry of a thread's history: a message, a note, or something that the system did. Times in epoch milliseconds. */
export type Entry = {
  readonly threadId: string;
  readonly messageId: string;
  readonly type: string;
  /** Counts the entries of its thread from 0, those that were removed included. */
  readonly number: number;
  readonly createdAt: number;
  /** INCOMING or OUTGOING; only some types have one. */
  readonly direction: string | undefined;
  /** Until then no call of the API shows it, although its event is sent at once. */
  readonly visibleAt: number;
  /** When it was last edited; undefined when it is as it was created. */
  editedAt: number | undefined;
  /** The very text that the API answers. */
  json: string;
  /** Makes the entry's content again; kept instead of the content, which is large. */
  compose: () => ComposedEntry;
};

/** A thread with its history. Times in epoch milliseconds. */
export type Thread = {
  readonly profile: ThreadProfile;
  readonly createdAt: number;
  readonly visibleAt: number;
  status: 'OPEN' | 'CLOSED';
  assignedTo: string | undefined;
  inboxId: string;
  closedAt: number | undefined;
  archivedAt: number | undefined;
  /** When it was last taken out of the trash. */
  restoredAt: number | undefined;
  /** Latest visible message, and the latest of them sent and received. */
  latest: { message?: number; sent?: number; received?: number };
  entries: Map<string, Entry>;
  /** The visible entries, oldest first: what pages are cut from. */
  shown: Entry[];
  /** The entries that are not visible yet. */
  pending: Entry[];
  /** The entries that were taken out: no call shows them. */
  removed: Entry[];
  lastMessage: { messageId: string; text: string } | undefined;
  lastCreatedAt: number;
  nextEntryNumber: number;
  nextEventNumber: number;
  /** When the newest of its events happened. */
  lastEventAt: number | undefined;
};

/** The account's inboxes, channels and channel accounts. */
export type Places = {
  inboxes: readonly Listed[];
  channels: readonly Listed[];
  'channel-accounts': typeof CHANNEL_ACCOUNTS;
};

/** Everything the simulated account holds. Read it with the functions beside, change it with those of changes.ts. */
export type World = {
  readonly seed: string;
  readonly random: Random;
  readonly portalId: number;
  readonly appId: number;
  /** Epoch milliseconds; must never go back. */
  readonly now: () => number;
  readonly late: Lateness;
  readonly threads: Map<string, Thread>;
  /** The same threads by id, as lists show them. */
  readonly threadsById: Thread[];
  readonly actors: Map<string, Listed>;
  /** What the lists of inboxes, channels and channel accounts show. */
  readonly places: Places;
  readonly files: Map<string, SimulatedFile>;
  /** Threads that were deleted for good, by their ids, as they were then: no call shows them. */
  readonly purged: Map<string, Thread>;
  nextHandMadeThread: number;
};

/** Which share of new threads and messages the API shows late, and by how much at most. */
export type Lateness = { share: number; maxMs: number };
/** What a world is made from. */
export type WorldOptions = {
  seed: string | number;
  portalId: number;
  appId: number;
  now: () => number;
  late: Lateness;
};

/** An account without threads. */
export function createWorld({ seed, portalId, appId, now, late }: WorldOptions): World {
  return {
    seed: String(seed),
    random: createRandom(seed),
    portalId,
    appId,
    now,
    late,
    threads: new Map(),
    threadsById: [],
    actors: new Map(permanentActors(appId).map((actor) => [actor.id, actor])),
    places: { inboxes: INBOXES, channels: CHANNELS, 'channel-accounts': CHANNEL_ACCOUNTS },
    files: new Map(),
    purged: new Map(),
    nextHandMadeThread: 600_000, // far from the numbers that planGrowth gives
  };
}

/** A thread in the trash is deleted for good after 30 days (HubSpot's API collection, read November 2026). */
const TRASH_MS = 30 * 24 * 3_600_000;

/** Whether the API shows the thread, and with which value of `archived`; undefined when it does not. */
export function placeOf(world: World, thread: Thread): 'live' | 'trash' | undefined {
  const now = world.now();
  if (now < thread.visibleAt) return undefined;
  if (thread.archivedAt === undefined) return 'live';
  return now < thread.archivedAt + TRASH_MS ? 'trash' : undefined;
}

/** The entries of a thread that are visible now, oldest first. The array is the world's own: do not change it. */
export function visibleEntries(world: World, thread: Thread): readonly Entry[] {
  if (thread.pending.length > 0) showDueEntries(thread, world.now());
  return thread.shown;
}

/** The entry when it is visible now. */
export function findEntry(world: World, thread: Thread, messageId: string): Entry | undefined {
  const entry = thread.entries.get(messageId);
  return entry !== undefined && entry.visibleAt <= world.now() ? entry : undefined;
}

/** Every message HubSpot holds, visible or not yet, thread by thread in the order of their creation. */
export function* allMessages(world: World): Generator<Entry> {
  for (const thread of world.threadsById) {
    const gone = thread.archivedAt !== undefined && world.now() >= thread.archivedAt + TRASH_MS;
    if (!gone) yield* thread.entries.values();
  }
}

/** Which of two entries of a thread is older: by time, and where that is equal by their order. */
export function compareEntries(
  one: { createdAt: number; number: number },
  other: { createdAt: number; number: number },
): number {
  return one.createdAt - other.createdAt || one.number - other.number;
}

/** How many of the sorted items come before the first for which `isPast` holds. */
export function countBefore<T>(items: readonly T[], isPast: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item === undefined || isPast(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function showDueEntries(thread: Thread, now: number): void {
  const due = thread.pending.filter((entry) => entry.visibleAt <= now);
  if (due.length === 0) return;
  thread.pending = thread.pending.filter((entry) => entry.visibleAt > now);
  for (const entry of due) showEntry(thread, entry);
}

/** Makes an entry visible at its place in the order. The thread's latest times move with what can be seen. */
export function showEntry(thread: Thread, entry: Entry): void {
  const place = countBefore(thread.shown, (other) => compareEntries(other, entry) > 0);
  if (place === thread.shown.length) thread.shown.push(entry);
  else thread.shown.splice(place, 0, entry);
  if (!TYPES_WITH_EVENT.includes(entry.type)) return;
  const { latest } = thread;
  latest.message = Math.max(latest.message ?? 0, entry.createdAt);
  if (entry.direction === 'OUTGOING') latest.sent = Math.max(latest.sent ?? 0, entry.createdAt);
  if (entry.direction === 'INCOMING') latest.received = Math.max(latest.received ?? 0, entry.createdAt);
}
