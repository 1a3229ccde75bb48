import * as z from 'zod/mini';
import { MalformedEventsError } from '../errors.ts';
import { parseJson } from '../json.ts';

/**
 * The subscriptions that say something about a thread (https://developers.hubspot.com/docs/api/webhooks, read
 * November 2026). HubSpot sends no event for an edit, a delivery status or an inbox move.
 */
export const THREAD_EVENT_TYPES: ReadonlySet<string> = new Set([
  'conversation.creation',
  'conversation.newMessage',
  'conversation.propertyChange',
  'conversation.deletion',
  'conversation.privacyDeletion',
]);

// HubSpot promises "up to 100"; a little more is no reason to lose events, a lot more is not HubSpot.
const MAX_EVENTS = 1000;

// Ids arrive as numbers today and as strings in some accounts; parseJson has kept every digit of both. SQS would replace
// some characters beyond ASCII, and an id is not to be changed on its way.
const idSchema = z.union([
  z.string().check(z.regex(/^[\x21-\x7e]{1,128}$/)),
  z.pipe(z.int().check(z.nonnegative()), z.transform(String)),
]);

const eventSchema = z.pipe(
  z.looseObject({
    subscriptionType: z.nullish(z.string()),
    eventType: z.nullish(z.string()),
    portalId: idSchema,
    objectId: idSchema,
    eventId: z.nullish(idSchema),
    occurredAt: z.nullish(z.number()),
    messageId: z.nullish(idSchema),
  }),
  z.transform(({ subscriptionType, eventType, eventId, occurredAt, messageId, ...event }) => ({
    ...event,
    eventId: eventId ?? undefined,
    occurredAt: occurredAt ?? undefined,
    messageId: messageId ?? undefined,
    // The guide's table says eventType, every modern payload says subscriptionType.
    type: subscriptionType ?? eventType ?? 'unknown',
  })),
);

/**
 * One webhook event. `objectId` is the thread id in every conversation event; `occurredAt` is milliseconds since
 * 1970. Fields we do not use stay on the object.
 */
export type HubSpotEvent = z.infer<typeof eventSchema>;

const batchSchema = z.array(eventSchema).check(z.maxLength(MAX_EVENTS));

/**
 * The events of a webhook body. Unknown subscription types and unknown fields pass; an event without an account or
 * an object does not, and fails the whole body: HubSpot then sends it again and the log says why.
 * @throws MalformedEventsError saying where the body departs from a batch of events, with no value of it
 */
export function parseEvents(body: Buffer): HubSpotEvent[] {
  const parsed = z.safeParse(batchSchema, parseBody(body));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'body'} (${issue.code})`);
  throw new MalformedEventsError(`not a batch of events at: ${places.join(', ')}`);
}

function parseBody(body: Buffer): unknown {
  try {
    // `fatal`: bytes that are not UTF-8 must not turn into replacement characters and pass.
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new MalformedEventsError('the body is not JSON in UTF-8');
  }
}
