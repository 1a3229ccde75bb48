import { type ChannelId } from './account.ts';
import { appendEntry } from './append-entry.ts';
import { createThread } from './changes.ts';
import { writeConversations } from './conversation.ts';
import { type JsonObject } from './json-text.ts';
import { type World } from './world.ts';

const DAY_MS = 24 * 3_600_000;

/** A thread that is older than the subscription to events. */
export type OldThread = {
  /** Default: the next free one. */
  threadId?: string;
  channelId?: ChannelId;
  /** How many entries of all types it has. */
  entries: number;
  /** Over how many days they are spread, evenly but for some jitter; a fraction is fine. */
  days: number;
  /** When the history ends, in epoch milliseconds; default: now. */
  endsAt?: number;
  /** Members to set in the JSON of every entry. */
  fields?: JsonObject;
};

/** Adds a thread with a history, all of it visible at once and without any event. About 40 µs per entry. */
export function addOldThread(world: World, old: OldThread): string {
  const { threadId, channelId, entries, days, endsAt = world.now(), fields = {} } = old;
  const spanMs = days * DAY_MS;
  const startsAt = Math.floor(endsAt - spanMs);
  const created = createThread(world, {
    createdAt: startsAt,
    visibleAfterMs: 0,
    ...(threadId === undefined ? {} : { threadId }),
    ...(channelId === undefined ? {} : { channelId }),
  });
  const thread = world.threads.get(created.threadId);
  if (thread === undefined) throw new Error(`thread ${created.threadId} is gone right after it was made`);
  const random = world.random.fork(`history/${created.threadId}`);
  const turns = writeConversations(world.random, thread.profile);
  for (let number = 0; number < entries; number++) {
    const createdAt = startsAt + Math.floor(((number + random.next()) / entries) * spanMs);
    appendEntry(world, thread, turns.next().value, { createdAt, visibleAfterMs: 0, fields });
  }
  return created.threadId;
}
