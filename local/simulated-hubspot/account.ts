import { type JsonObject } from './json-text.ts';

/**
 * What every simulated account has: inboxes, channels and their accounts, and the people who work there.
 * Channel ids as seen in the field: 1000 live chat, 1001 Facebook Messenger, 1002 e-mail, 1003 form.
 */

/** Channel ids of the simulated account. */
export const CHANNEL_IDS = { chat: '1000', messenger: '1001', email: '1002', form: '1003' } as const;
/** A channel id of the simulated account. */
export type ChannelId = (typeof CHANNEL_IDS)[keyof typeof CHANNEL_IDS];

/** An entry of one of the account's lists: its id, and the object the API shows. */
export type Listed = { id: string; fields: JsonObject };
/** Somebody who answers: the actor id, and the name that stands beside it in messages. */
export type StaffMember = { actorId: string; name: string; email: string };

const ACCOUNT_CREATED_AT = '2022-03-01T08:00:00Z';

/** The inboxes, as `GET inboxes` shows them. */
export const INBOXES: readonly Listed[] = [
  inbox('104530', 'Support', 'INBOX'),
  inbox('104531', 'Sales', 'INBOX'),
  inbox('104532', 'Help desk', 'HELP_DESK'),
];

/** The channels, as `GET channels` shows them. */
export const CHANNELS: readonly Listed[] = [
  { id: CHANNEL_IDS.chat, fields: { id: CHANNEL_IDS.chat, name: 'LIVE_CHAT' } },
  { id: CHANNEL_IDS.messenger, fields: { id: CHANNEL_IDS.messenger, name: 'FB_MESSENGER' } },
  { id: CHANNEL_IDS.email, fields: { id: CHANNEL_IDS.email, name: 'EMAIL' } },
  { id: CHANNEL_IDS.form, fields: { id: CHANNEL_IDS.form, name: 'FORMS' } },
];

/** The addresses at which the account is reached, as `GET channel-accounts` shows them. */
export const CHANNEL_ACCOUNTS: readonly (Listed & { channelId: ChannelId; inboxId: string })[] = [
  channelAccount('2001', CHANNEL_IDS.chat, '104530', 'Website chat', undefined),
  channelAccount('2002', CHANNEL_IDS.messenger, '104530', 'Messenger page', opaqueIdentifier('page-70812')),
  channelAccount(
    '2003',
    CHANNEL_IDS.email,
    '104530',
    'support@example.org',
    emailIdentifier('support@example.org'),
  ),
  channelAccount(
    '2004',
    CHANNEL_IDS.email,
    '104531',
    'sales@example.org',
    emailIdentifier('sales@example.org'),
  ),
  channelAccount('2005', CHANNEL_IDS.form, '104532', 'Contact form', undefined),
  channelAccount('2006', CHANNEL_IDS.chat, '104532', 'Help desk chat', undefined),
];

/** The people who answer. */
export const AGENTS: readonly StaffMember[] = [
  { actorId: 'A-4110231', name: 'Ruth Adeyemi', email: 'ruth.adeyemi@example.org' },
  { actorId: 'A-4110457', name: 'Íñigo Salas', email: 'inigo.salas@example.org' },
  { actorId: 'A-5220018', name: 'Hanna Weiß', email: 'hanna.weiss@example.org' },
  { actorId: 'A-5220999', name: 'Li Wei 李伟', email: 'li.wei@example.org' },
  { actorId: 'A-3000001', name: 'Vera Novák', email: 'vera.novak@example.org' },
];
/** An agent who has left: messages still name the actor, and the API no longer knows it. */
export const DEPARTED_AGENT_ID = 'A-3000001';
/** The bot that greets in chats. */
export const GREETING_BOT: StaffMember = { actorId: 'B-7781', name: 'Welcome bot', email: '' };
/** The actor of entries that nobody wrote. */
export const SYSTEM_ACTOR_ID = 'S-hubspot';

/** The actors the API knows from the start: agents who still work here, the bot, the system, an integration, a model. */
export function permanentActors(appId: number): Listed[] {
  return [
    ...AGENTS.filter(({ actorId }) => actorId !== DEPARTED_AGENT_ID).map(({ actorId, name, email }) =>
      listed({
        id: actorId,
        type: 'AGENT',
        name,
        email,
        avatar: `https://avatars.example.net/${actorId}.png`,
      }),
    ),
    listed({ id: GREETING_BOT.actorId, type: 'BOT', name: GREETING_BOT.name }),
    listed({ id: SYSTEM_ACTOR_ID, type: 'SYSTEM' }),
    listed({ id: `I-${appId}`, type: 'INTEGRATOR', name: 'Parcel tracker' }),
    listed({ id: 'L-31', type: 'LLM', name: 'Reply assistant' }),
  ];
}

/** A delivery identifier of an e-mail address. */
export function emailIdentifier(address: string): JsonObject {
  return { type: 'HS_EMAIL_ADDRESS', value: address };
}

/** A delivery identifier of a channel with its own kind of address (chat, Messenger). */
export function opaqueIdentifier(value: string): JsonObject {
  return { type: 'CHANNEL_SPECIFIC_OPAQUE_ID', value };
}

function listed(fields: JsonObject & { id: string }): Listed {
  return { id: fields.id, fields };
}

function inbox(id: string, name: string, type: 'INBOX' | 'HELP_DESK'): Listed {
  return listed({
    id,
    name,
    type,
    archived: false,
    createdAt: ACCOUNT_CREATED_AT,
    updatedAt: ACCOUNT_CREATED_AT,
  });
}

function channelAccount(
  id: string,
  channelId: ChannelId,
  inboxId: string,
  name: string,
  deliveryIdentifier: JsonObject | undefined,
): Listed & { channelId: ChannelId; inboxId: string } {
  const state = { active: true, authorized: true, archived: false, createdAt: ACCOUNT_CREATED_AT };
  return { ...listed({ id, name, channelId, inboxId, ...state, deliveryIdentifier }), channelId, inboxId };
}
