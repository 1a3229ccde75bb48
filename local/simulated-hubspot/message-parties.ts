import { CHANNEL_IDS, emailIdentifier, GREETING_BOT, opaqueIdentifier, SYSTEM_ACTOR_ID } from './account.ts';
import { type JsonObject } from './json-text.ts';
import { type Random } from './random.ts';
import { type Speaker } from './scripts.ts';
import { type ThreadProfile } from './thread-profile.ts';

/** Who wrote an entry, from where, and to whom, as the members of its JSON. */
export type Parties = {
  createdBy: string;
  client: JsonObject;
  senders: JsonObject[];
  recipients: JsonObject[];
};

// Rare, so that both shapes are met: until HubSpot's change to "actors and delivery identifiers" the list was plural.
const LEGACY_IDENTIFIERS_SHARE = 0.04;
const NO_NAME_SHARE = 0.2;

/** The parties of a message that somebody says. */
export function inventParties(random: Random, profile: ThreadProfile, by: Speaker): Parties {
  const isEmail = profile.channelId === CHANNEL_IDS.email;
  const visitor = visitorParty(random, profile);
  const account = accountParty(profile);
  if (by === 'visitor') {
    const senderField = isEmail ? 'FROM' : undefined;
    return {
      createdBy: profile.visitor.actorId,
      client: { clientType: random.chance(0.03) ? 'UNKNOWN' : 'HUBSPOT' },
      senders: [{ ...visitor, senderField }],
      recipients: isEmail ? [{ ...account, recipientField: 'TO' }, ...inventCopies(random)] : [],
    };
  }
  const author = by === 'bot' ? GREETING_BOT : profile.agent;
  const recipientField = isEmail ? 'TO' : undefined;
  return {
    createdBy: author.actorId,
    client: inventClient(random, by),
    senders: [
      { ...account, actorId: author.actorId, name: random.chance(NO_NAME_SHARE) ? undefined : author.name },
    ],
    recipients: [{ ...visitor, recipientField }, ...(isEmail ? inventCopies(random) : [])],
  };
}

/** The parties of an entry that HubSpot writes by itself. */
export function systemParties(): Parties {
  return { createdBy: SYSTEM_ACTOR_ID, client: { clientType: 'SYSTEM' }, senders: [], recipients: [] };
}

function visitorParty(random: Random, { channelId, visitor }: ThreadProfile): JsonObject {
  const name = random.chance(NO_NAME_SHARE) ? undefined : `${visitor.first} ${visitor.last}`;
  const isEmail = channelId === CHANNEL_IDS.email;
  const identifier = isEmail ? emailIdentifier(visitor.email) : opaqueIdentifier(visitor.opaqueId);
  const identifiers = random.chance(LEGACY_IDENTIFIERS_SHARE)
    ? { deliveryIdentifiers: [identifier] }
    : { deliveryIdentifier: identifier };
  return {
    actorId: isEmail && random.chance(0.3) ? `E-${visitor.email}` : visitor.actorId,
    name,
    ...identifiers,
  };
}

function accountParty({ channelId, inboxId }: ThreadProfile): JsonObject {
  const address = inboxId === '104531' ? 'sales@example.org' : 'support@example.org';
  return {
    deliveryIdentifier:
      channelId === CHANNEL_IDS.email ? emailIdentifier(address) : opaqueIdentifier('account'),
  };
}

function inventCopies(random: Random): JsonObject[] {
  if (!random.chance(0.15)) return [];
  return [{ deliveryIdentifier: emailIdentifier('accounts@example.com'), recipientField: 'CC' }];
}

function inventClient(random: Random, by: Speaker): JsonObject {
  // int32 in the specification: an integer, where some clients expected a text.
  if (by === 'bot' || random.chance(0.1)) return { clientType: 'INTEGRATION', integrationAppId: 2438486 };
  return { clientType: 'HUBSPOT' };
}
