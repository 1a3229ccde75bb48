import { appendEntry } from '../local/simulated-hubspot/append-entry.ts';
import { CHANNEL_IDS } from '../local/simulated-hubspot/account.ts';
import { createThread } from '../local/simulated-hubspot/changes.ts';
import { type Turn, writeConversations } from '../local/simulated-hubspot/conversation.ts';
import { type Random } from '../local/simulated-hubspot/random.ts';
import { threadIdAt } from '../local/simulated-hubspot/thread-profile.ts';
import { type Entry, type World } from '../local/simulated-hubspot/world.ts';
import { writeProse } from './prose.ts';

/** The first UTC day of the archive, and how many it has. */
export const FIRST_DAY = Date.UTC(2025, 0, 1);
export const DAYS = 365;
/** Of one thread on one day: what a part holds. */
export const MESSAGES_PER_PART = 10;
/** How many days a thread lasts. */
export const PARTS_PER_THREAD = 2;

const DAY_MS = 24 * 3_600_000;

/** The account that the archive is of, at a time when all of it is over; nothing is shown late. */
export const ACCOUNT = {
  seed: 'sql',
  portalId: 62_515,
  now: () => FIRST_DAY + (DAYS + 1) * DAY_MS,
  late: { share: 0, maxMs: 0 },
};
// An e-mail is some paragraphs, what is said in a chat some lines. A few are several times as long.
const MEDIAN_WORDS = { email: 60, other: 18 };
const SPREAD = 0.7;
// What HubSpot lists cut, or keeps in files, is fetched elsewhere: the rows are to be what the list has.
const WHOLE = { truncationStatus: 'NOT_TRUNCATED', attachments: [] };

/**
 * Adds a thread to a simulated account: who talks, where and in which turns is the account's own; what they say is prose of the
 * lengths of e-mails and chats. Its messages are on consecutive UTC days, as many on each.
 * @param place which of `threads` threads it is, from 0: later ones begin later
 */
export function addProseThread(world: World, place: number, threads: number): Entry[] {
  const threadId = threadIdAt(place);
  const startsOn = FIRST_DAY + Math.floor((place * (DAYS - PARTS_PER_THREAD + 1)) / threads) * DAY_MS;
  createThread(world, { threadId, createdAt: startsOn, visibleAfterMs: 0 });
  const thread = world.threads.get(threadId);
  if (thread === undefined) throw new Error(`thread ${threadId} is gone right after it was made`);
  const random = world.random.fork(`prose/${threadId}`);
  const isEmail = thread.profile.channelId === CHANNEL_IDS.email;
  const turns = writeConversations(world.random, thread.profile);
  return Array.from({ length: PARTS_PER_THREAD * MESSAGES_PER_PART }, (_, number) => {
    const createdAt = startsOn + Math.floor(((number + random.next()) / MESSAGES_PER_PART) * DAY_MS);
    const turn = inProse(turns.next().value, random, isEmail ? MEDIAN_WORDS.email : MEDIAN_WORDS.other);
    return appendEntry(world, thread, turn, {
      createdAt,
      visibleAfterMs: 0,
      fields: turn.type === 'MESSAGE' ? WHOLE : {},
    });
  });
}

function inProse(turn: Turn, random: Random, medianWords: number): Turn {
  if (turn.type !== 'MESSAGE') return turn;
  const words = Math.max(1, Math.round(medianWords * Math.exp(SPREAD * normal(random))));
  return { ...turn, text: writeProse(random, words) };
}

/** A draw of the standard normal distribution, by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
