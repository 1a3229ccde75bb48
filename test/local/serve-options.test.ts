import { describe, expect, it } from 'vitest';
import { parseServeOptions } from '../../local/serve-options.ts';

const ARGS = ['--portal', '62515', '--webhook-url', 'https://example.org/hooks'];
const ENV = { HUBSPOT_CLIENT_SECRET: 'secret', HUBSPOT_ACCESS_TOKEN: 'token', PATH: '/bin' };

describe('the options of npm run serve', () => {
  it('have a default, but for the account and the URL', () => {
    expect(parseServeOptions(ARGS, ENV)).toEqual({
      portal: '62515',
      'webhook-url': 'https://example.org/hooks',
      port: 8787,
      folder: './archive',
      'api-version': 'v3',
      'api-url': 'https://api.hubapi.com',
      'requests-per-second': 10,
      'coalesce-seconds': 15,
      'sweep-minutes': 60,
      'privacy-deletion': 'erase',
      'attachment-max-megabytes': 100,
      secrets: { HUBSPOT_CLIENT_SECRET: 'secret', HUBSPOT_ACCESS_TOKEN: 'token' },
    });
  });

  it('are taken from the command line and the environment', () => {
    const more = [
      ...['--port', '0', '--folder', 'x', '--api-version=2026-09', '--api-url', 'http://127.0.0.1:1'],
      ...['--requests-per-second', '0.5', '--coalesce-seconds', '0', '--attachment-max-megabytes', '0'],
    ];

    expect(
      parseServeOptions([...ARGS, ...more], { ...ENV, HUBSPOT_PREVIOUS_CLIENT_SECRET: 'old' }),
    ).toMatchObject({
      port: 0,
      folder: 'x',
      'api-version': '2026-09',
      'api-url': 'http://127.0.0.1:1',
      'requests-per-second': 0.5,
      'coalesce-seconds': 0,
      'attachment-max-megabytes': 0,
      secrets: { HUBSPOT_PREVIOUS_CLIENT_SECRET: 'old' },
    });
  });

  it('include a call for help, for which nothing else is needed', () => {
    expect(parseServeOptions(['--help'], {})).toBe('help');
  });

  it('let a HubSpot on this machine be asked faster than the real one', () => {
    const fast = ['--requests-per-second', '200'];

    expect(parseServeOptions([...ARGS, ...fast, '--api-url', 'http://localhost:8080'], ENV)).toMatchObject({
      'requests-per-second': 200,
    });
    expect(() => parseServeOptions([...ARGS, ...fast], ENV)).toThrow('--requests-per-second is "200"');
  });

  it.each([
    [['--portal', '0'], '--portal is "0", but takes the id of a HubSpot account'],
    [['--portal', '62515,62516'], '--portal is "62515,62516", but takes the id of a HubSpot account'],
    [
      ['--webhook-url', 'http://example.org'],
      '--webhook-url is "http://example.org", but takes an https URL',
    ],
    [['--webhook-url', 'https://example.org?a=1'], '--webhook-url is "https://example.org?a=1", but takes'],
    [['--port', '65536'], '--port is "65536", but takes a whole number from 0 to 65535'],
    [['--folder', ''], '--folder is "", but takes a path'],
    [['--api-version', 'v4'], '--api-version is "v4", but takes v3 or 2026-09'],
    [['--api-url', 'http://example.org'], '--api-url is "http://example.org", but takes an https origin'],
    [
      ['--api-url', 'https://example.org/v3'],
      '--api-url is "https://example.org/v3", but takes an https origin',
    ],
    [['--requests-per-second', '0'], '--requests-per-second is "0", but takes a number above 0 and up to 18'],
    [['--requests-per-second', '1e1'], '--requests-per-second is "1e1", but takes a number above 0'],
    [['--requests-per-second', '18.5'], '--requests-per-second is "18.5", but takes a number above 0'],
    [['--sweep-minutes', '4'], '--sweep-minutes is "4", but takes a whole number from 5 to 1440, or 0'],
    [['--coalesce-seconds', '901'], '--coalesce-seconds is "901", but takes a whole number from 0 to 900'],
    [['--token', 'x'], "Unknown option '--token'"],
  ])('%j are refused, saying what is allowed', (args, message) => {
    expect(() => parseServeOptions([...ARGS, ...args], ENV)).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining(message) }),
    );
  });
});

describe('the secrets of npm run serve', () => {
  it('are named when they are missing or cannot be used, and never shown', () => {
    const env = { HUBSPOT_CLIENT_SECRET: 'two words', HUBSPOT_PREVIOUS_CLIENT_SECRET: '' };

    expect(() => parseServeOptions(ARGS, env)).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: [
          'the environment variable HUBSPOT_CLIENT_SECRET cannot be used; it takes the client secret of the HubSpot app, without blanks',
          'the environment variable HUBSPOT_PREVIOUS_CLIENT_SECRET cannot be used; it takes the client secret before the present one, without blanks, or nothing at all',
          "the environment variable HUBSPOT_ACCESS_TOKEN is missing; it takes the app's access token for the account, without blanks",
        ].join('\n'),
      }),
    );
  });
});
