import * as z from 'zod';
import { flag, readCommandLine, readEnvironment, UsageError, wholeNumber } from '../../local/command-line.ts';
import { accessTokenShape, hubSpotShape } from '../../local/hubspot-options.ts';
import {
  ARCHIVE_PLACE_USAGE,
  type ArchivePlace,
  archivePlaceOf,
  archivePlaceShape,
} from '../archive-place.ts';

const COMMAND = 'npm run verify';

/** What `npm run verify -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- [place] [options]

Compares an archive with its signed digests: that each digest is signed, that none is missing, replaced or out of order, that
every object that they list is there and unchanged, and that nothing is there that they do not list. Or compares it with
HubSpot. Changes nothing, and may be run while the archive is written.

${ARCHIVE_PLACE_USAGE}

  --public-key FILE        trust this public key alone, and not those that lie in the archive
  --deep                   of a bucket, read every byte; otherwise S3's own checksums are compared (a folder is always read)
  --max-gap-hours N        the longest time without a digest (default 3; in a folder any)
  --resume FILE            keep notes in FILE, and go on from there after a verification was broken off
  --against hubspot        compare with HubSpot, thread by thread and day by day, and not with the digests
  --json FILE              write every difference as JSON
  --html FILE              write the report as a page

With --against hubspot:

  --portal ID              the HubSpot account
  --requests-per-second N  calls of HubSpot's API, 1 to 18 (default 5)
  --api-version V          v3 or 2026-09 (default v3)
  --api-url URL            origin of HubSpot's API (default https://api.hubapi.com)
  HUBSPOT_ACCESS_TOKEN     environment: the app's access token for the account

The exit code is 0, 1 when there is a difference or it could not be verified, or 2 when the command line cannot be used.
`;

const file = z.string().min(1).optional().describe('a path');
const optionsSchema = z.object({
  ...archivePlaceShape,
  'public-key': file,
  deep: flag(),
  'max-gap-hours': z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(10_000))
    .optional()
    .describe('a whole number from 1 to 10000'),
  resume: file,
  against: z.enum(['hubspot']).optional().describe('hubspot'),
  json: file,
  html: file,
  portal: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .optional()
    .describe('the id of a HubSpot account, e.g. 62515'),
  'requests-per-second': wholeNumber(1, 18, () => 5),
  'api-version': hubSpotShape['api-version'],
  'api-url': z
    .url({ protocol: /^https?$/ })
    .default('https://api.hubapi.com')
    .describe('an origin'),
});
const environmentSchema = z.object(accessTokenShape);

/** What `npm run verify` was told to do. */
export type VerifyCommand = { place: ArchivePlace; json: string | undefined; html: string | undefined } & (
  | {
      against: 'digests';
      publicKey: string | undefined;
      deep: boolean;
      maxGapMs: number;
      resume: string | undefined;
    }
  | ({ against: 'hubspot' } & HubSpotAccount)
);

/** The account to compare with, and how to call it. */
export type HubSpotAccount = {
  portalId: string;
  accessToken: string;
  requestsPerSecond: number;
  apiVersion: 'v3' | '2026-09';
  apiUrl: string;
};

const HOUR_MS = 3_600_000;
const DEFAULT_GAP_HOURS = 3;

/**
 * What a command line says, or `help` when it asks for that.
 * @throws UsageError naming what is wrong, and what is allowed; ConfigError when the environment lacks the token
 */
export function parseVerifyCommand(args: string[], env: NodeJS.ProcessEnv): VerifyCommand | 'help' {
  const options = readCommandLine(args, optionsSchema, COMMAND);
  if (options === 'help') return 'help';
  const place = archivePlaceOf(options);
  const { json, html } = options;
  if (options.against === undefined) return { place, json, html, ...readOffline(options, place) };
  if (options.portal === undefined) throw new UsageError('--against hubspot takes --portal ID too');
  const offline = ['public-key', 'deep', 'max-gap-hours', 'resume'] as const;
  const [idle] = offline.filter((name) => options[name] !== undefined && options[name] !== false);
  if (idle !== undefined) throw new UsageError(`--${idle} says nothing about HubSpot; leave out --against`);
  return {
    ...{ place, json, html, against: 'hubspot', portalId: options.portal },
    accessToken: readEnvironment(env, environmentSchema).HUBSPOT_ACCESS_TOKEN,
    requestsPerSecond: options['requests-per-second'],
    apiVersion: options['api-version'],
    apiUrl: new URL(options['api-url']).origin,
  };
}

function readOffline(options: z.output<typeof optionsSchema>, place: ArchivePlace) {
  if (options.portal !== undefined) throw new UsageError('--portal is for --against hubspot');
  // A folder has digests while something runs that writes them.
  const byDefault = 'folder' in place ? Infinity : DEFAULT_GAP_HOURS;
  return {
    against: 'digests' as const,
    publicKey: options['public-key'],
    deep: options.deep,
    maxGapMs: (options['max-gap-hours'] ?? byDefault) * HOUR_MS,
    resume: options.resume,
  };
}
