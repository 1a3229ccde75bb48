import { describe, expect, it } from 'vitest';
import { parseVerifyCommand, USAGE } from '../../../cli/verify/options.ts';
import { ConfigError } from '../../../functions/errors.ts';
import { UsageError } from '../../../local/command-line.ts';

const TOKEN = { HUBSPOT_ACCESS_TOKEN: 'token' };

describe('the command line of npm run verify', () => {
  it('is about the digests of the stack, which are an hour apart, unless told otherwise', () => {
    expect(parseVerifyCommand([], {})).toEqual({
      against: 'digests',
      place: { stack: 'Threadvault' },
      publicKey: undefined,
      deep: false,
      maxGapMs: 3 * 3_600_000,
      resume: undefined,
      json: undefined,
      html: undefined,
    });
  });

  it('asks of a folder no digest at any time, unless told to', () => {
    expect(parseVerifyCommand(['--folder', 'a'], {})).toMatchObject({ maxGapMs: Infinity });
    expect(parseVerifyCommand(['--folder', 'a', '--max-gap-hours', '2'], {})).toMatchObject({
      maxGapMs: 2 * 3_600_000,
    });
  });

  it('is about an account of HubSpot when told so, with the token from the environment', () => {
    expect(parseVerifyCommand(['--against', 'hubspot', '--portal', '62515'], TOKEN)).toMatchObject({
      against: 'hubspot',
      portalId: '62515',
      accessToken: 'token',
      requestsPerSecond: 5,
      apiUrl: 'https://api.hubapi.com',
    });
  });

  it.each([
    [['--against', 'hubspot'], '--against hubspot takes --portal ID too'],
    [['--against', 'hubspot', '--portal', '1', '--deep'], '--deep says nothing about HubSpot'],
    [['--portal', '62515'], '--portal is for --against hubspot'],
    [['--stack', 'A', '--folder', 'b'], 'of --stack and --folder only one can be given'],
    [['--against', 'salesforce'], '--against is "salesforce", but takes hubspot'],
    [['--max-gap-hours', '0'], '--max-gap-hours is "0", but takes a whole number from 1 to 10000'],
  ])('refuses %j', (args, message) => {
    expect(() => parseVerifyCommand(args, TOKEN)).toThrow(UsageError);
    expect(() => parseVerifyCommand(args, TOKEN)).toThrow(message);
  });

  it('names the token that is missing', () => {
    const parse = () => parseVerifyCommand(['--against', 'hubspot', '--portal', '62515'], {});

    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow('HUBSPOT_ACCESS_TOKEN is missing');
  });

  it('is explained when it asks for that, option by option', () => {
    expect(parseVerifyCommand(['--help'], {})).toBe('help');
    for (const option of ['--public-key', '--deep', '--resume', '--json', '--html', '--against', '--portal'])
      expect(USAGE).toContain(`  ${option} `);
  });
});
