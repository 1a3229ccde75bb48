import { AGENTS, CHANNEL_ACCOUNTS, CHANNEL_IDS, type ChannelId, type StaffMember } from './account.ts';
import { inventPerson, type Person } from './people.ts';
import { type Random } from './random.ts';

/** What is fixed about a thread from its first message on. */
export type ThreadProfile = {
  threadId: string;
  channelId: ChannelId;
  channelAccountId: string;
  inboxId: string;
  visitor: Person & { actorId: string; opaqueId: string };
  agent: StaffMember;
  /** The CRM contact, or the visitor's own id while there is no contact yet. */
  associatedContactId: string;
  /** Only some threads belong to a ticket. */
  associatedTicketId: string | undefined;
};

// Ids seen in the field have 10 or 11 digits; the first is that of the recorded event in events.ts.
const FIRST_THREAD_ID = 6_065_362_089;
const THREAD_ID_STEP = 100_003;

/** The id of the thread with this number (from 0): a later thread has a greater id. */
export function threadIdAt(number: number): string {
  return String(FIRST_THREAD_ID + number * THREAD_ID_STEP);
}

/** Invents who talks to whom in a thread, and where: the same for the same seed, thread id and channel. */
export function inventThread(
  world: Random,
  { threadId, channelId }: { threadId: string; channelId?: ChannelId | undefined },
): ThreadProfile {
  const random = world.fork(`thread/${threadId}`);
  const drawn = random.pick([
    ...[CHANNEL_IDS.chat, CHANNEL_IDS.chat, CHANNEL_IDS.email, CHANNEL_IDS.email],
    ...[CHANNEL_IDS.form, CHANNEL_IDS.messenger],
  ]);
  const channel = channelId ?? drawn;
  const channelAccount = random.pick(CHANNEL_ACCOUNTS.filter((account) => account.channelId === channel));
  const visitorNumber = String(random.int(10_000_000, 99_999_999));
  const visitor = { ...inventPerson(random), actorId: `V-${visitorNumber}`, opaqueId: random.hex(24) };
  return {
    threadId,
    channelId: channel,
    channelAccountId: channelAccount.id,
    inboxId: channelAccount.inboxId,
    visitor,
    agent: random.pick(AGENTS),
    associatedContactId: random.chance(0.2) ? visitorNumber : String(random.int(100, 99_999_999)),
    associatedTicketId: random.chance(0.4) ? String(random.int(1_000_000_000, 9_999_999_999)) : undefined,
  };
}
