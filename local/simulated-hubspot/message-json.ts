import { type SimulatedFile, BEYOND_SAFE_INTEGER, inventAttachments } from './attachments.ts';
import { CHANNEL_IDS } from './account.ts';
import { type Turn } from './conversation.ts';
import { type JsonObject } from './json-text.ts';
import { markUp, writeBody } from './message-body.ts';
import { inventParties, type Parties, systemParties } from './message-parties.ts';
import { type Random } from './random.ts';
import { type Speaker } from './scripts.ts';
import { type ThreadProfile } from './thread-profile.ts';

/** What an entry of a thread's history is made from. */
export type EntryFacts = {
  messageId: string;
  /** ISO 8601 in UTC. */
  createdAt: string;
  turn: Turn;
  profile: ThreadProfile;
  /** The thread as it was before this entry. */
  before: {
    assignedTo: string | undefined;
    inboxId: string;
    messageId: string | undefined;
    text: string | undefined;
  };
};

/** An entry as the API shows it, the content it was cut from, and the files behind its attachments. */
export type ComposedEntry = { fields: JsonObject; original: JsonObject | undefined; files: SimulatedFile[] };

/**
 * The JSON of an entry, with the variety that real ones have: members missing, members that no specification names,
 * texts in markup only, older shapes. Depends on its arguments alone.
 * Members as in HubSpot's public specification (https://github.com/HubSpot/HubSpot-public-api-spec-collection,
 * Conversations v3, read November 2026).
 */
export function composeEntry(random: Random, facts: EntryFacts): ComposedEntry {
  const { turn, profile, before } = facts;
  const common = (parties: Parties): JsonObject => commonMembers(random, facts, parties);
  switch (turn.type) {
    case 'MESSAGE':
      return composeMessage(random, facts, turn);
    case 'COMMENT': {
      const parties = { ...inventParties(random, profile, 'agent'), recipients: [] };
      return plain({ ...common(parties), text: turn.text, richText: markUp(turn.text), attachments: [] });
    }
    case 'WELCOME_MESSAGE': {
      const richText = random.chance(0.5) ? markUp(turn.text) : undefined;
      const { channelId, channelAccountId } = profile;
      return plain({
        ...common(inventParties(random, profile, 'bot')),
        text: turn.text,
        richText,
        channelId,
        channelAccountId,
      });
    }
    case 'ASSIGNMENT':
      return plain({
        ...common(systemParties()),
        assignedTo: turn.assignedTo,
        assignedFrom: before.assignedTo,
      });
    case 'THREAD_STATUS_CHANGE':
      return plain({ ...common(systemParties()), newStatus: turn.newStatus });
    case 'THREAD_INBOX_CHANGE':
      return plain({ ...common(systemParties()), fromInboxId: before.inboxId, toInboxId: turn.toInboxId });
    case 'CALL_SUMMARY':
      return plain({
        ...common(inventParties(random, profile, 'agent')),
        ...inventCallSummary(random, turn.text),
      });
  }
}

/** An instant as HubSpot writes it: ISO 8601 in UTC, whole seconds without their `.000`. */
export function isoInstant(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.endsWith('.000Z') ? text.replace('.000Z', 'Z') : text;
}

function composeMessage(random: Random, facts: EntryFacts, turn: Turn & { type: 'MESSAGE' }): ComposedEntry {
  const { profile, before } = facts;
  const { channelId, channelAccountId, visitor, agent } = profile;
  const isEmail = channelId === CHANNEL_IDS.email;
  const signature =
    turn.by === 'visitor' ? `${visitor.company}, ${visitor.city}` : `${agent.name}, customer care`;
  const body = writeBody(random, { channelId, text: turn.text, signature, quoted: before.text });
  const attachments = inventAttachments(random);
  const fields: JsonObject = {
    ...commonMembers(random, facts, inventParties(random, profile, turn.by)),
    text: body.text,
    richText: body.richText,
    attachments: attachments.map((attachment) => attachment.fields),
    subject: isEmail ? turn.subject : undefined,
    truncationStatus: body.truncationStatus,
    inReplyToId: isEmail && random.chance(0.7) ? before.messageId : undefined,
    status: inventStatus(random, turn.by),
    direction: inventDirection(random, turn.by),
    channelId,
    channelAccountId,
    ...inventUnknownMembers(random),
  };
  return { fields, original: body.original, files: attachments.flatMap(({ file }) => file ?? []) };
}

function commonMembers(
  random: Random,
  { messageId, createdAt, turn, profile }: EntryFacts,
  parties: Parties,
): JsonObject {
  const { createdBy, client, senders, recipients } = parties;
  return {
    type: turn.type,
    id: messageId,
    conversationsThreadId: profile.threadId,
    createdAt,
    updatedAt: random.chance(0.7) ? createdAt : undefined,
    createdBy,
    client,
    senders,
    recipients,
    archived: false,
  };
}

function inventStatus(random: Random, by: Speaker): JsonObject | undefined {
  if (random.chance(0.1)) return undefined;
  if (by === 'visitor') return { statusType: 'RECEIVED' };
  if (!random.chance(0.05)) return { statusType: random.chance(0.3) ? 'READ' : 'SENT' };
  const errorMessage = random.chance(0.7) ? 'Mailbox {mailbox} is full' : undefined;
  return {
    statusType: 'FAILED',
    failureDetails: { errorMessage, errorMessageTokens: { mailbox: 'visitor', 'code.v2': '552' } },
  };
}

function inventDirection(random: Random, by: Speaker): 'INCOMING' | 'OUTGOING' {
  // An agent who answers from the own mailbox shows as INCOMING, as seen in the field.
  const fromOwnMailbox = by === 'agent' && random.chance(0.03);
  return by === 'visitor' || fromOwnMailbox ? 'INCOMING' : 'OUTGOING';
}

function inventUnknownMembers(random: Random): JsonObject {
  if (!random.chance(0.1)) return {};
  return random.pick<JsonObject>([
    { sentiment: { label: 'NEUTRAL', score: 0.25 } },
    { 'x-internal-flags': ['vip', 'ünïcode'], conversationsMessageRevision: BEYOND_SAFE_INTEGER },
    { deliveredAt: null },
  ]);
}

function inventCallSummary(random: Random, text: string): JsonObject {
  return {
    callId: BEYOND_SAFE_INTEGER,
    durationMs: random.int(10_000, 1_800_000),
    summary: { text, topics: ['delivery', 'price'], confidence: 0.5 },
    recordingFileId: random.chance(0.5) ? null : String(random.int(1, 99_999)),
  };
}

function plain(fields: JsonObject): ComposedEntry {
  return { fields, original: undefined, files: [] };
}
