import { describe, expect, it } from 'vitest';
import { parseBackfillOptions } from '../../../cli/backfill/options.ts';
import { ConfigError } from '../../../functions/errors.ts';
import { UsageError } from '../../../local/command-line.ts';

const ARGS = ['--portal', '62515'];
const ENV = { HUBSPOT_ACCESS_TOKEN: 'token' };

describe('the options of npm run backfill', () => {
  it('have a default, but for the account', () => {
    expect(parseBackfillOptions(ARGS, ENV)).toEqual({
      portalId: '62515',
      since: undefined,
      place: { stack: 'Threadvault' },
      isDryRun: false,
      waits: true,
      apiUrl: 'https://api.hubapi.com',
      apiVersion: 'v3',
      requestsPerSecond: 10,
      attachmentMaxBytes: 100_000_000,
      accessToken: 'token',
    });
  });

  it('are taken from the command line', () => {
    const more = ['--since', '2025-01-01', '--to', 'x', '--dry-run', '--attachment-max-megabytes', '0'];

    expect(parseBackfillOptions([...ARGS, ...more], ENV)).toMatchObject({
      since: Date.UTC(2025, 0, 1),
      place: { folder: 'x' },
      isDryRun: true,
      attachmentMaxBytes: 0,
    });
    expect(parseBackfillOptions([...ARGS, '--stack', 'Mine', '--no-wait'], ENV)).toMatchObject({
      place: { stack: 'Mine' },
      waits: false,
    });
  });

  it.each([
    [[], '--portal is missing'],
    [[...ARGS, '--since', 'yesterday'], '--since is "yesterday", but takes a UTC date, e.g. 2025-01-01'],
    [[...ARGS, '--since', '2025-02-30'], '--since is "2025-02-30"'],
    [[...ARGS, '--requests-per-second', '19'], '--requests-per-second is "19", but takes a number above 0'],
    [[...ARGS, '--stack', 'A', '--to', 'x'], 'of --stack and --to only one can be given'],
    [[...ARGS, '--to', 'x', '--no-wait'], '--no-wait goes with --stack only'],
    [[...ARGS, '--everything'], '--everything'],
  ])('are refused as %j', (args, message) => {
    const parse = () => parseBackfillOptions(args, ENV);

    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  it('need the access token in the environment, and never print it', () => {
    expect(() => parseBackfillOptions(ARGS, {})).toThrow(ConfigError);
    expect(() => parseBackfillOptions(ARGS, { HUBSPOT_ACCESS_TOKEN: 'to ken' })).toThrow(
      /^the environment variable HUBSPOT_ACCESS_TOKEN cannot be used; it takes/,
    );
  });
});
