import { describe, expect, it } from 'vitest';
import { signedHeaders, signV1, signV3 } from '../../../local/simulated-hubspot/signing.ts';

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const URI = 'https://www.example.com/webhook_uri';
const BODY = '{"example_field":"example_value"}';
const TIMESTAMP = '1700000000000';

describe('signatures', () => {
  // printf '%s' 'POSThttps://www.example.com/webhook_uri{"example_field":"example_value"}1700000000000' |
  //   openssl dgst -sha256 -hmac yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy -binary | base64
  it('of version v3 are HMAC-SHA256 in base64', () => {
    const signature = signV3(SECRET, { method: 'POST', uri: URI, body: BODY, timestamp: TIMESTAMP });

    expect(signature).toBe('rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o=');
  });

  // Vector of https://github.com/HubSpot/hubspot-api-nodejs, test/unit/signature.spec.ts, read November 2026.
  it('of version v1 are SHA-256 in hexadecimal', () => {
    const body =
      '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,' +
      '"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",' +
      '"changeFlag":"NEW","appId":54321}]';

    expect(signV1(SECRET, body)).toBe('232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de');
  });

  it('of version v3 decode twelve escapes of the URI and no other', () => {
    const sign = (uri: string): string =>
      signV3(SECRET, { method: 'POST', uri, body: BODY, timestamp: TIMESTAMP });

    expect(sign(`${URI}?a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3b`)).toBe(sign(`${URI}?a=:/?@!$'()*,;`));
    expect(sign(`${URI}?a=%20%26`)).not.toBe(sign(`${URI}?a= &`));
  });

  it('stand side by side in the headers, with v1 as the version', () => {
    const headers = signedHeaders(SECRET, { uri: URI, body: BODY, timestamp: TIMESTAMP });

    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-hubspot-signature-version': 'v1',
      'x-hubspot-signature': signV1(SECRET, BODY),
      'x-hubspot-signature-v3': 'rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o=',
      'x-hubspot-request-timestamp': TIMESTAMP,
    });
    expect(headers['user-agent']).toMatch(/^HubSpot Connect 2\.0 /);
  });
});
