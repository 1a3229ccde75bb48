import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MARKERS } from '../simulation/markers.ts';
import { hostileBody } from './hostile-bodies.ts';
import { newMessageEvent, signature, SIGNED_AT } from './webhook.ts';

/** A request as its sender writes it: a header may stand there twice, or in any case. */
export type SentRequest = { method: string; target: string; headers: [string, string][]; body: Buffer };

/** What HubSpot signs. `target` is the path and the query. */
export type Signed = { method: string; target: string; body: Buffer; secret: string; timestamp: string };

/** A request that HubSpot did not sign, by what is wrong with it: what was signed, and what is sent instead. */
export type Forgery = {
  what: string;
  signed?: Partial<Signed>;
  sent?: Partial<Pick<SentRequest, 'method' | 'target' | 'body'>>;
  /** A letter of the right signature that becomes another one, so many further in the alphabet of base64. */
  letter?: { at: number; further: number };
  /** Headers that take the place of those of this name; none takes it away. */
  headers?: Record<string, string[]>;
};

/** The client secret of the doors that are knocked at. */
export const DOOR_SECRET = MARKERS.clientSecret;
const SIGNATURE = 'X-HubSpot-Signature-v3';
const TIMESTAMP = 'X-HubSpot-Request-Timestamp';
const VALID_BODY = Buffer.from(JSON.stringify([newMessageEvent({ note: MARKERS.text })]));

/** A request as HubSpot sends it, and then as a forger changes it. `origin` is what HubSpot puts before the target. */
export function requestOf(
  origin: string,
  { signed = {}, sent = {}, letter, headers = {} }: Omit<Forgery, 'what'>,
): SentRequest {
  const parts = { method: 'POST', target: '/webhook', body: VALID_BODY, secret: DOOR_SECRET, ...signed };
  const { timestamp = String(SIGNED_AT), ...rest } = parts;
  const right = signature({ ...rest, url: origin + parts.target, timestamp });
  const all: Record<string, string[]> = {
    'Content-Type': ['application/json'],
    [SIGNATURE]: [letter === undefined ? right : changeLetter(right, letter)],
    [TIMESTAMP]: [timestamp],
    ...headers,
  };
  return {
    ...{ method: parts.method, target: parts.target, body: parts.body, ...sent },
    headers: Object.entries(all).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  };
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function changeLetter(text: string, { at, further }: NonNullable<Forgery['letter']>): string {
  return text.slice(0, at) + BASE64[(BASE64.indexOf(text[at]!) + further) % 64]! + text.slice(at + 1);
}

/** Headers as API Gateway hands them over: names in lower case, equal ones joined by commas. */
export function joinHeaders(headers: SentRequest['headers']): Record<string, string> {
  const joined = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    joined.set(key, [...(joined.get(key) ?? []), value]);
  }
  return Object.fromEntries([...joined].map(([name, values]) => [name, values.join(',')]));
}

const valid = signature({ url: 'https://example.org/webhook', body: VALID_BODY, secret: DOOR_SECRET });
const hex = Buffer.from(valid, 'base64').toString('hex');
const WRONG_SIGNATURES = [
  [],
  [''],
  [valid, valid],
  [`${valid},${valid}`],
  [valid.slice(0, -1)],
  [valid.slice(4)],
  [valid.toLowerCase()],
  [valid.replace(/=$/, '')],
  [`${valid}=`],
  [hex],
  [hex.toUpperCase()],
  [`sha256=${hex}`],
  ['A'.repeat(43) + '='],
  ['='.repeat(44)],
  ['é'.repeat(44)],
  [createHash('sha256').update(DOOR_SECRET).update(VALID_BODY).digest('hex')],
  [DOOR_SECRET],
];
const WRONG_TIMESTAMPS = [
  String(SIGNED_AT / 1000),
  String(SIGNED_AT - 302_000),
  String(SIGNED_AT + 302_000),
  String(SIGNED_AT - 86_400_000),
  '0',
  '-1',
  `-${SIGNED_AT}`,
  `+${SIGNED_AT}`,
  `${SIGNED_AT}.0`,
  '1.7e12',
  '0x18bcfe56800',
  'NaN',
  'Infinity',
  '9'.repeat(16),
  '9'.repeat(400),
  '١٧٠٠٠٠٠٠٠٠٠٠٠',
  '2023-11-14T22:13:20Z',
  MARKERS.text,
];

// A line break would end the header, and no parser lets the others through.
const headerValue = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((text) => !/[^\x20-\x7e\x80-\xff]/.test(text));
const other = <T>(values: fc.Arbitrary<T>, than: T) => values.filter((value) => value !== than);

/** Every way not to be HubSpot that we could think of. */
export const forgery: fc.Arbitrary<Forgery> = fc.oneof(
  record('another secret', { signed: fc.record({ secret: other(fc.string(), DOOR_SECRET) }) }),
  record('another body', {
    sent: fc.record({ body: hostileBody.filter((body) => !body.equals(VALID_BODY)) }),
  }),
  record('a body signed for another secret', {
    signed: fc.record({ secret: fc.constantFrom('', 'undefined', 'null', '{}'), body: hostileBody }),
  }),
  record('another method', {
    sent: fc.record({ method: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD') }),
  }),
  record('another method, signed', { signed: fc.record({ method: fc.constantFrom('GET', 'PUT') }) }),
  record('a method that is not the signed one', {
    signed: fc.record({ method: fc.constantFrom('GET', 'post') }),
    sent: fc.constant({ method: 'POST' }),
  }),
  record('another target', {
    sent: fc.record({
      target: fc.constantFrom(
        '/',
        '/webhook/',
        '/Webhook',
        '/webhook?a=b',
        '//webhook',
        '/%77ebhook',
        '/webhook%2F',
        '/webhook%00',
        '/../webhook',
        '/webhook#',
        '/webhook;a',
        '/wébhook',
      ),
    }),
  }),
  record('another time', { signed: fc.record({ timestamp: fc.constantFrom(...WRONG_TIMESTAMPS) }) }),
  record('a time that was not signed', {
    headers: fc.record({
      [TIMESTAMP]: fc.constantFrom(
        [],
        [''],
        [String(SIGNED_AT + 1)],
        [`0${SIGNED_AT}`],
        [String(SIGNED_AT), String(SIGNED_AT)],
      ),
    }),
  }),
  record('another signature', { headers: fc.record({ [SIGNATURE]: fc.constantFrom(...WRONG_SIGNATURES) }) }),
  record('a signature with one letter changed', {
    // The last letter has other spellings, one to three further.
    letter: fc.record({
      at: fc.oneof(fc.nat(43), fc.constant(42)),
      further: fc.oneof(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 1, max: 3 })),
    }),
  }),
  record('a random signature', {
    headers: fc.record({
      [SIGNATURE]: fc.tuple(fc.oneof(headerValue, fc.base64String({ minLength: 44, maxLength: 44 }))),
    }),
  }),
  record('a compressed body', {
    headers: fc.record({ 'Content-Encoding': fc.constantFrom(['gzip'], ['br'], ['gzip', 'gzip'], ['x']) }),
  }),
  record('a form', {
    headers: fc.record({
      'Content-Type': fc.constantFrom(
        ['multipart/form-data; boundary=x'],
        ['application/x-www-form-urlencoded'],
        ['image/png'],
      ),
    }),
  }),
  record('random headers', {
    headers: fc.record({
      [SIGNATURE]: fc.array(headerValue, { maxLength: 2 }),
      [TIMESTAMP]: fc.array(headerValue, { maxLength: 2 }),
      'Content-Type': fc.array(headerValue, { maxLength: 1 }),
      'X-Other': fc.array(headerValue),
    }),
    sent: fc.record({ body: hostileBody }),
  }),
);

function record(
  what: string,
  parts: { [Part in Exclude<keyof Forgery, 'what'>]?: fc.Arbitrary<NonNullable<Forgery[Part]>> },
): fc.Arbitrary<Forgery> {
  return fc.record({ what: fc.constant(what), ...parts });
}
