import { describe, expect, it } from 'vitest';
import {
  decodeSignedUrl,
  type SignedRequest,
  verifySignature,
} from '../../../functions/hubspot/signature.ts';

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const SIGNED_AT = 1_700_000_000_000;

// printf '%s' 'POSThttps://www.example.com/webhook_uri{"example_field":"example_value"}1700000000000' \
//   | openssl dgst -sha256 -hmac yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy -binary | base64
const valid: SignedRequest = {
  method: 'POST',
  url: 'https://www.example.com/webhook_uri',
  body: Buffer.from('{"example_field":"example_value"}'),
  signature: 'rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o=',
  timestamp: '1700000000000',
};

const verify = (change: Partial<SignedRequest> = {}, { secrets = [SECRET], now = SIGNED_AT } = {}) => {
  verifySignature({ ...valid, ...change }, secrets, now);
};

describe('a v3 signature', () => {
  it('is believed when it fits', () => {
    expect(() => {
      verify();
    }).not.toThrow();
  });

  it('is made over the URL with the twelve escapes decoded and all others left alone', () => {
    // printf '%s' 'POSThttps://www.example.com/a:b/c?d=@e!$'"'"'()*,;%20%2B{"example_field":"example_value"}1700000000000' \
    //   | openssl dgst -sha256 -hmac yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy -binary | base64
    const signature = '1xd1RBb3pSXPHSngDSlnECQ1Xo1Vh0NAI3Os7jkzjaY=';
    const url = 'https://www.example.com/a%3Ab%2fc%3Fd=%40e%21%24%27%28%29%2A%2c%3B%20%2B';

    expect(() => {
      verify({ signature, url });
    }).not.toThrow();
  });

  it('is made over the bytes of the body, whatever characters they are', () => {
    // printf '%s' 'POSThttps://www.example.com/webhook_uri[{"text":"Grüße 😀"}]1700000000000' \
    //   | openssl dgst -sha256 -hmac yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy -binary | base64
    const signature = 'zHA2St2VAO4w4lAPjwybkBUmIcAqyvun6SDn2ExL7Dw=';

    expect(() => {
      verify({ signature, body: Buffer.from('[{"text":"Grüße 😀"}]') });
    }).not.toThrow();
  });

  it('fits the previous secret as well as the current one', () => {
    expect(() => {
      verify({}, { secrets: ['a-new-secret', SECRET] });
    }).not.toThrow();
  });

  it.each([
    ['exactly five minutes old', 300_000],
    ['exactly five minutes ahead', -300_000],
  ])('is believed when %s', (_, age) => {
    expect(() => {
      verify({}, { now: SIGNED_AT + age });
    }).not.toThrow();
  });

  it.each<[string, Partial<SignedRequest>, { secrets?: string[]; now?: number }, string]>([
    ['no signature', { signature: undefined }, {}, 'missing'],
    ['no timestamp', { timestamp: undefined }, {}, 'missing'],
    ['a signature that is too short', { signature: 'rQEKkaNUiu+1qGF//A==' }, {}, 'malformed'],
    ['a hex signature', { signature: 'ab'.repeat(32) }, {}, 'malformed'],
    ['two signatures in one header', { signature: `${valid.signature},${valid.signature}` }, {}, 'malformed'],
    ['a timestamp that is no number', { timestamp: 'NaN' }, {}, 'malformed'],
    ['a timestamp with a sign', { timestamp: '+1700000000000' }, {}, 'malformed'],
    ['an empty timestamp', { timestamp: '' }, {}, 'malformed'],
    ['an age of 300.001 s', {}, { now: SIGNED_AT + 300_001 }, 'stale'],
    ['a time 300.001 s ahead', {}, { now: SIGNED_AT - 300_001 }, 'stale'],
    ['another method', { method: 'PUT' }, {}, 'mismatch'],
    ['another URL', { url: 'https://www.example.com/webhook_uri/' }, {}, 'mismatch'],
    ['another body', { body: Buffer.from('{"example_field":"other"}') }, {}, 'mismatch'],
    ['another timestamp', { timestamp: '1700000000001' }, {}, 'mismatch'],
    ['another secret', {}, { secrets: ['another'] }, 'mismatch'],
    ['no secret to fit', {}, { secrets: [] }, 'mismatch'],
    [
      'another spelling of the same bytes',
      { signature: valid.signature!.replace(/o=$/, 'p=') },
      {},
      'malformed',
    ],
    ['one letter changed', { signature: `s${valid.signature!.slice(1)}` }, {}, 'mismatch'],
  ])('is refused for %s', (_, change, context, reason) => {
    expect(() => {
      verify(change, context);
    }).toThrow(expect.objectContaining({ name: 'SignatureError', reason }));
  });
});

describe('decoding the signed URL', () => {
  it('decodes twelve escapes in either case and no other', () => {
    const all = Array.from({ length: 256 }, (_, code) => `%${code.toString(16).padStart(2, '0')}`).join('');

    const decoded = decodeSignedUrl(all).replace(/%[0-9a-f]{2}/g, '');

    expect(Array.from(decoded).sort().join('')).toBe(Array.from(":/?@!$'()*,;").sort().join(''));
    expect(decodeSignedUrl(all.toUpperCase()).replace(/%[0-9A-F]{2}/g, '')).toBe(decoded);
  });
});
