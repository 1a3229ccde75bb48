import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureError } from '../errors.ts';

/** How far the time of signing may lie from ours, either way. HubSpot says five minutes (source below). */
const MAX_CLOCK_SKEW_MS = 300_000;

/** What HubSpot signed, as it arrived. */
export type SignedRequest = {
  method: string;
  /** The full URL as HubSpot called it, query string included. */
  url: string;
  /** The bytes of the body, before any parsing. */
  body: Buffer;
  /** Header `X-HubSpot-Signature-v3`. */
  signature: string | undefined;
  /** Header `X-HubSpot-Request-Timestamp`, milliseconds since 1970 in digits. */
  timestamp: string | undefined;
};

// Base64 of the 32 bytes of an HMAC-SHA256. Its last letter carries four bits, so only sixteen of them are right.
const SIGNATURE_FORM = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const TIMESTAMP_FORM = /^\d{1,15}$/;

/**
 * Checks the v3 signature of a webhook: base64(HMAC-SHA256(client secret, method + URL + body + timestamp)).
 * Returns nothing; the request is believed when it does not throw. The comparison takes the same time wherever the
 * signatures differ, and every secret is tried, so that a rotation loses no webhook.
 * Source: https://developers.hubspot.com/docs/api/webhooks/validating-requests (read November 2026).
 * @param secrets current client secret, then the previous one while a rotation lasts
 * @throws SignatureError with `reason` missing | malformed | stale | mismatch
 */
export function verifySignature(request: SignedRequest, secrets: readonly string[], nowMs: number): void {
  const { signature, timestamp } = checkSignatureHeaders(request, nowMs);
  const given = Buffer.from(signature, 'base64');
  const matches = secrets.map((secret) => timingSafeEqual(given, sign(request, timestamp, secret)));
  if (!matches.includes(true)) throw new SignatureError('mismatch', 'the signature fits no client secret');
}

/**
 * The part of the check that needs no secret: both headers there, well formed, and recent. Cheap, so it comes first.
 * @throws SignatureError with `reason` missing | malformed | stale
 */
export function checkSignatureHeaders(
  { signature, timestamp }: Pick<SignedRequest, 'signature' | 'timestamp'>,
  nowMs: number,
): { signature: string; timestamp: string } {
  if (signature === undefined || timestamp === undefined) {
    throw new SignatureError('missing', 'a signature header is missing');
  }
  if (!SIGNATURE_FORM.test(signature) || !TIMESTAMP_FORM.test(timestamp)) {
    throw new SignatureError('malformed', 'a signature header has the wrong form');
  }
  if (Math.abs(nowMs - Number(timestamp)) > MAX_CLOCK_SKEW_MS) {
    throw new SignatureError('stale', 'the request was signed more than five minutes away from now');
  }
  return { signature, timestamp };
}

function sign({ method, url, body }: SignedRequest, timestamp: string, secret: string): Buffer {
  return createHmac('sha256', secret)
    .update(`${method}${decodeSignedUrl(url)}`)
    .update(body)
    .update(timestamp)
    .digest();
}

// The only escapes that HubSpot decodes before signing; `%20`, `%2B` and the rest stay as they are.
const DECODED_ESCAPES: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/** The URL as it enters the signature: twelve escapes decoded, upper or lower case, all others left alone. */
export function decodeSignedUrl(url: string): string {
  return url.replace(/%[0-9a-f]{2}/gi, (escape) => DECODED_ESCAPES[escape.toUpperCase()] ?? escape);
}
