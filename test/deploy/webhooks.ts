import type { SubscriptionType, WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import { signedHeaders } from '../../local/simulated-hubspot/signing.ts';
import { postWebhook } from '../../local/simulated-hubspot/webhook-post.ts';
import { createWebhookSender, type WebhookSender } from '../../local/simulated-hubspot/webhook-sender.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';

/** What the simulated HubSpot signs with. */
export const CLIENT_SECRET = 'simulated-client-secret';

/** What a signature is made over. */
export type SignedParts = { uri: string; body: string; timestamp: string };

const { hostname, host } = new URL(readDeployment().outputs.ApiEndpoint);
// MiniStack serves every API on its one port and tells them apart by the Host header.
const endpoint = {
  targetUrl: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/webhook`,
  signedUrl: `https://${hostname}/webhook`,
  headers: { host },
};

/** Delivers events to the deployed API as HubSpot does, some of them twice or late. */
export function createSender(): WebhookSender {
  return createWebhookSender({
    ...endpoint,
    clientSecret: CLIENT_SECRET,
    duplicates: 0.1,
    reordered: 0.1,
    retryDelaysMs: [500, 1_000, 2_000, 4_000],
  });
}

/**
 * Posts events once and gives the status of the answer.
 * @param sign makes the headers that prove who sends; by default, as HubSpot does
 */
export function post(events: WebhookEvent[], sign = signAsHubSpot): Promise<number> {
  const body = JSON.stringify(events);
  const signed = sign({ uri: endpoint.signedUrl, body, timestamp: String(Date.now()) });
  const headers = { 'content-type': 'application/json', ...signed, ...endpoint.headers };
  return postWebhook({ url: endpoint.targetUrl, headers, body, timeLimitMs: 5_000 });
}

/** The event of a new thread. */
export function creationOf(threadId: string): WebhookEvent {
  return eventOf(threadId, 'conversation.creation');
}

/** An event of a thread, of a kind that says nothing more. */
export function eventOf(threadId: string, subscriptionType: SubscriptionType): WebhookEvent {
  return {
    eventId: 1,
    subscriptionId: 1,
    portalId: PORTAL_ID,
    appId: 1,
    occurredAt: Date.now(),
    subscriptionType,
    attemptNumber: 0,
    objectId: Number(threadId),
  };
}

function signAsHubSpot(parts: SignedParts): Record<string, string> {
  return signedHeaders(CLIENT_SECRET, parts);
}
