import { type Random } from './random.ts';

/** The kinds of event that an app can subscribe to for conversations. */
export type SubscriptionType =
  | 'conversation.creation'
  | 'conversation.deletion'
  | 'conversation.privacyDeletion'
  | 'conversation.propertyChange'
  | 'conversation.newMessage';

/**
 * One event of a webhook request, member by member in the order of a recorded one (December 2023, found in public code).
 * It carries ids only, never text. `occurredAt` is in epoch milliseconds, `objectId` the thread's id as a number.
 */
export type WebhookEvent = {
  /** "Not guaranteed to be unique", says the guide. */
  eventId: number;
  subscriptionId: number;
  portalId: number;
  appId: number;
  occurredAt: number;
  subscriptionType: SubscriptionType;
  /** From 0; one more with each retry. */
  attemptNumber: number;
  objectId: number;
  messageId?: string;
  messageType?: string;
  changeFlag?: string;
  propertyName?: string;
  propertyValue?: string;
};

/** What differs from event to event. */
export type EventDetail =
  | { subscriptionType: 'conversation.creation' | 'conversation.deletion' | 'conversation.privacyDeletion' }
  | { subscriptionType: 'conversation.newMessage'; messageId: string; messageType: string }
  | { subscriptionType: 'conversation.propertyChange'; propertyName: string; propertyValue: string };

const SUBSCRIPTION_IDS = {
  'conversation.creation': 2371668,
  'conversation.deletion': 2371669,
  'conversation.privacyDeletion': 2371670,
  'conversation.newMessage': 2371671,
  'conversation.propertyChange': 2371672,
} as const;

/** The types of entry that send `conversation.newMessage`; the others are not in HubSpot's list. */
export const TYPES_WITH_EVENT: readonly string[] = ['MESSAGE', 'COMMENT', 'WELCOME_MESSAGE'];

const REUSED_EVENT_ID_SHARE = 0.02;

/** Builds the event with this number (from 0) of a thread. Its `eventId` is now and then that of the event before. */
export function buildEvent(
  world: { random: Random; portalId: number; appId: number },
  { threadId, number, occurredAt }: { threadId: string; number: number; occurredAt: number },
  detail: EventDetail,
): WebhookEvent {
  const eventIdOf = (n: number): number =>
    world.random.fork(`event/${threadId}/${n}`).int(1_000_000_000, 4_294_967_295);
  const reused = number > 0 && world.random.fork(`reuse/${threadId}/${number}`).chance(REUSED_EVENT_ID_SHARE);
  const { subscriptionType, ...rest } = detail;
  return {
    eventId: eventIdOf(reused ? number - 1 : number),
    subscriptionId: SUBSCRIPTION_IDS[subscriptionType],
    portalId: world.portalId,
    appId: world.appId,
    occurredAt,
    subscriptionType,
    attemptNumber: 0,
    objectId: Number(threadId),
    ...rest,
    ...(subscriptionType === 'conversation.newMessage' ? { changeFlag: 'NEW_MESSAGE' } : {}),
  };
}
