import { createHmac } from 'node:crypto';
import { type WebhookRequest } from '../../functions/webhook/receive.ts';

/** The client secret that test webhooks are signed with. */
export const CLIENT_SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
/** When they are signed. */
export const SIGNED_AT = 1_700_000_000_000;

/** A newMessage event. */
export function newMessageEvent(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    eventId: 3269195544,
    subscriptionId: 2371671,
    portalId: 62515,
    appId: 2438486,
    occurredAt: SIGNED_AT - 1_000,
    subscriptionType: 'conversation.newMessage',
    attemptNumber: 0,
    objectId: 6065362089,
    messageId: '9b38dc6d5b5744a788931a9cf3a7b225',
    messageType: 'MESSAGE',
    changeFlag: 'NEW_MESSAGE',
    ...change,
  };
}

/** A request as HubSpot sends it, signed. What `change` replaces afterwards is not signed again. */
export function webhookRequest(events: unknown, change: Partial<WebhookRequest> = {}): WebhookRequest {
  const body = Buffer.isBuffer(events) ? events : Buffer.from(JSON.stringify(events));
  const url = 'https://abc123.execute-api.eu-central-1.amazonaws.com/webhook';
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature({ url, body }),
      'x-hubspot-request-timestamp': String(SIGNED_AT),
    },
    body,
    requestId: 'request-1',
    ...change,
  };
}

/** The v3 signature of a request; of a POST at SIGNED_AT unless told otherwise. */
export function signature({
  url,
  body,
  secret = CLIENT_SECRET,
  method = 'POST',
  timestamp = String(SIGNED_AT),
}: {
  url: string;
  body: Buffer;
  secret?: string;
  method?: string;
  timestamp?: string;
}): string {
  return createHmac('sha256', secret)
    .update(`${method}${url}`)
    .update(body)
    .update(timestamp)
    .digest('base64');
}
