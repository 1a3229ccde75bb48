import * as z from 'zod';
import { folderPath, readCommandLine, readEnvironment, wholeNumber } from './command-line.ts';
import {
  accessTokenShape,
  attachmentShape,
  hubSpotShape,
  isPaceAllowed,
  isPlainUrl,
  secret,
} from './hubspot-options.ts';

/** What `npm run serve` was told, secrets included. */
export type ServeOptions = z.infer<typeof optionsSchema> & { secrets: z.infer<typeof secretsSchema> };

/** What `npm run serve -- --help` prints. */
export const USAGE = `Usage: npm run serve -- --portal ID --webhook-url URL [options]

Archives the conversations of a HubSpot account into a folder, without AWS: receives HubSpot's webhooks, keeps a queue on
the disk, fetches the threads. Bring the webhooks here with a tunnel or a proxy on this machine. Ends on Ctrl-C or SIGTERM
when the work at hand is done; what is queued goes on at the next start, and so it does when the process was killed.

  --portal ID               the HubSpot account to archive
  --webhook-url URL         the public https URL that HubSpot is told to call: it is part of what HubSpot signs
  --port N                  port of the receiver on 127.0.0.1, 0 for any that is free (default 8787)
  --folder PATH             the archive (default ./archive)
  --api-version V           v3 or 2026-09 (default v3)
  --api-url URL             origin of HubSpot's API (default https://api.hubapi.com)
  --requests-per-second N   calls of the API, above 0 and up to 18 (default 10)
  --coalesce-seconds N      how long events of a thread gather before it is fetched, 0 to 900 (default 15)
  --privacy-deletion P      what to do when HubSpot deletes a thread for privacy: erase or hold (default erase)
  --sweep-minutes N         how often to look for what no webhook has brought, 5 to 1440, or 0 for never (default 60)
  --attachment-max-megabytes N   larger attached files are passed over, 0 for all, up to 400 (default 100)
  --help                    this text

  HUBSPOT_CLIENT_SECRET            environment: the app's client secret
  HUBSPOT_PREVIOUS_CLIENT_SECRET   environment, optional: the one before, while a rotation lasts
  HUBSPOT_ACCESS_TOKEN             environment: the app's access token for the account
`;

const optionsSchema = z
  .object({
    ...hubSpotShape,
    // Kept letter by letter: it is part of what is signed.
    'webhook-url': z
      .string()
      .refine((text) => isPlainUrl(text, ['https:']))
      .describe('an https URL without a query, the very one that HubSpot is told to call'),
    port: wholeNumber(0, 65_535, () => 8_787),
    folder: folderPath('./archive'),
    'coalesce-seconds': wholeNumber(0, 900, () => 15),
    'privacy-deletion': z.enum(['erase', 'hold']).default('erase').describe('erase or hold'),
    'sweep-minutes': wholeNumber(0, 1_440, () => 60)
      .refine((minutes) => minutes === 0 || minutes >= 5)
      .describe('a whole number from 5 to 1440, or 0'),
    ...attachmentShape,
  })
  .refine(isPaceAllowed, { path: ['requests-per-second'] });

const secretsSchema = z.object({
  HUBSPOT_CLIENT_SECRET: secret.describe('the client secret of the HubSpot app, without blanks'),
  HUBSPOT_PREVIOUS_CLIENT_SECRET: secret
    .optional()
    .describe('the client secret before the present one, without blanks, or nothing at all'),
  ...accessTokenShape,
});

/**
 * The options on a command line and the secrets in the environment, or `help` when that was asked for.
 * @throws ConfigError naming each option or variable, and what is allowed; never a secret
 */
export function parseServeOptions(args: string[], env: NodeJS.ProcessEnv): ServeOptions | 'help' {
  const options = readCommandLine(args, optionsSchema, 'npm run serve');
  return options === 'help' ? 'help' : { ...options, secrets: readEnvironment(env, secretsSchema) };
}
