import * as z from 'zod';
import { wholeNumber } from './command-line.ts';

// Below HubSpot's burst limit of 190 requests in 10 seconds per app, with room for the two that a pacer may be over
// (https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, read November 2026).
const MAX_REQUESTS_PER_SECOND = 18;
// A HubSpot on this machine is a simulated one.
const MAX_LOCAL_REQUESTS_PER_SECOND = 1_000;
const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', 'localhost'];

/** The options that name an account and say how it is called, for the schema of a command line. */
export const hubSpotShape = {
  portal: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .describe('the id of a HubSpot account, e.g. 62515'),
  'api-version': z.enum(['v3', '2026-09']).default('v3').describe('v3 or 2026-09'),
  'api-url': z
    .string()
    .refine((text) => isPlainUrl(text, ['https:']) || isLocalUrl(text))
    .refine((text) => URL.canParse(text) && new URL(text).pathname === '/')
    .default('https://api.hubapi.com')
    .describe('an https origin without a path; http only for 127.0.0.1 and localhost'),
  'requests-per-second': z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/)
    .transform(Number)
    .pipe(z.number().positive().max(MAX_LOCAL_REQUESTS_PER_SECOND))
    .prefault('10')
    .describe(`a number above 0 and up to ${MAX_REQUESTS_PER_SECOND}, HubSpot's own limit`),
};

/** The option for attached files. */
export const attachmentShape = { 'attachment-max-megabytes': wholeNumber(0, 400, () => 100) };

/** Whether HubSpot may be called so fast. To be a refinement of `requests-per-second`. */
export function isPaceAllowed(options: { 'requests-per-second': number; 'api-url': string }): boolean {
  return options['requests-per-second'] <= MAX_REQUESTS_PER_SECOND || isLocalUrl(options['api-url']);
}

/** A secret: it can be a header, and is in no way blank. */
export const secret = z.string().regex(/^[\x21-\x7e]+$/);

/** The variable that holds the account's access token, for the schema of an environment. */
export const accessTokenShape = {
  HUBSPOT_ACCESS_TOKEN: secret.describe("the app's access token for the account, without blanks"),
};

/** Whether it is a URL of one of the protocols, and no more: no query, no fragment, no credentials. */
export function isPlainUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username, password } = new URL(text);
  return protocols.includes(protocol) && [search, hash, username, password].every((part) => part === '');
}

function isLocalUrl(text: string): boolean {
  return isPlainUrl(text, ['http:']) && LOOPBACK_HOSTS.includes(new URL(text).hostname);
}
