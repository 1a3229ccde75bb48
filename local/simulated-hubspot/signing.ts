import { createHash, createHmac } from 'node:crypto';

/** What a v3 signature is made over. */
export type SignedParts = {
  method: string;
  /** The target URL as it is configured in the app, with its query. */
  uri: string;
  body: string;
  /** Epoch milliseconds, as the text of the header. */
  timestamp: string;
};

// The twelve escapes that are decoded in the URI before it is signed; every other one stays
// (https://developers.hubspot.com/docs/api/webhooks/validating-requests, read November 2026).
const DECODED_ESCAPES = new Map([
  ['%3A', ':'],
  ['%2F', '/'],
  ['%3F', '?'],
  ['%40', '@'],
  ['%21', '!'],
  ['%24', '$'],
  ['%27', "'"],
  ['%28', '('],
  ['%29', ')'],
  ['%2A', '*'],
  ['%2C', ','],
  ['%3B', ';'],
]);

/** `X-HubSpot-Signature-v3`: HMAC-SHA256 in base64 over method, URI, body and timestamp, keyed with the client secret. */
export function signV3(clientSecret: string, { method, uri, body, timestamp }: SignedParts): string {
  const decoded = uri.replaceAll(
    /%[0-9A-F]{2}/gi,
    (escape) => DECODED_ESCAPES.get(escape.toUpperCase()) ?? escape,
  );
  return createHmac('sha256', clientSecret).update(`${method}${decoded}${body}${timestamp}`).digest('base64');
}

/** `X-HubSpot-Signature` of version v1: SHA-256 over the client secret and the body, in hexadecimal. */
export function signV1(clientSecret: string, body: string): string {
  return createHash('sha256').update(`${clientSecret}${body}`).digest('hex');
}

/**
 * The headers of a webhook request, as recorded in January 2026 in public code: both signatures at once, and
 * `X-HubSpot-Signature-Version: v1` although the newer one is there too.
 */
export function signedHeaders(
  clientSecret: string,
  { uri, body, timestamp }: Pick<SignedParts, 'uri' | 'body' | 'timestamp'>,
): Record<string, string> {
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent':
      'HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client) - WebhooksExecutorDaemon-executor',
    'x-hubspot-request-timestamp': timestamp,
    'x-hubspot-signature': signV1(clientSecret, body),
    'x-hubspot-signature-v3': signV3(clientSecret, { method: 'POST', uri, body, timestamp }),
    'x-hubspot-signature-version': 'v1',
    'x-hubspot-timeout-millis': '10000',
  };
}
