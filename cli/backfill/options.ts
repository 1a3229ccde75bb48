import * as z from 'zod';
import { flag, readCommandLine, readEnvironment, UsageError } from '../../local/command-line.ts';
import {
  accessTokenShape,
  attachmentShape,
  hubSpotShape,
  isPaceAllowed,
} from '../../local/hubspot-options.ts';
import { archivePlaceOf, type ArchivePlace, archivePlaceShape } from '../archive-place.ts';

/** What `npm run backfill` was told, the access token included. */
export type BackfillOptions = {
  portalId: string;
  /** Only threads with a message of then or later, milliseconds since 1970. */
  since: number | undefined;
  place: ArchivePlace;
  isDryRun: boolean;
  /** Whether to wait, with a stack, until all is archived. */
  waits: boolean;
  apiUrl: string;
  apiVersion: 'v3' | '2026-09';
  requestsPerSecond: number;
  attachmentMaxBytes: number;
  accessToken: string;
};

const COMMAND = 'npm run backfill';

/** What `npm run backfill -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- --portal ID [--since DATE] [--dry-run] [--stack NAME | --to FOLDER] [options]

Archives what HubSpot had before Threadvault was there, and whatever else the archive lacks: lists all threads of an account,
those in the trash too, compares each with its record in the archive, and has those archived that lack something. Ctrl-C ends
it when the work at hand is done. The same command goes on, and reads nothing again that is complete.

  --portal ID               the HubSpot account
  --since DATE              only threads with a message of that UTC day or later, e.g. 2025-01-01
  --dry-run                 counts, reads some of the threads that lack something, and estimates the rest; writes nothing
  --stack NAME              into a deployed stack, through its thread queue (default Threadvault), with the AWS SDK's
                            credentials and region
  --no-wait                 with a stack: end when all is queued, and not only when all is archived
  --to FOLDER               into a folder, without AWS; it must not be in use by npm run serve
  --requests-per-second N   calls of the API into a folder, above 0 and up to 18 (default 10). With a stack, the calls are
                            made by its Lambdas at the pace of its requestsPerSecond; this is for the estimate of --dry-run,
                            and the listing makes at most 4 a second
  --api-version V           v3 or 2026-09 (default v3)
  --api-url URL             origin of HubSpot's API (default https://api.hubapi.com)
  --attachment-max-megabytes N   into a folder: larger attached files are passed over, 0 for all, up to 400 (default 100)
  --help                    this text

  HUBSPOT_ACCESS_TOKEN      environment: the app's access token for the account. With a stack too: this command does the
                            listing itself

The exit code is 0, 1 when a thread is left or something could not be done, or 2 when the command line cannot be used.
`;

const optionsSchema = z
  .object({
    ...hubSpotShape,
    ...attachmentShape,
    since: z.iso
      .date()
      .transform((date) => Date.parse(date))
      .optional()
      .describe('a UTC date, e.g. 2025-01-01'),
    stack: archivePlaceShape.stack,
    to: archivePlaceShape.folder,
    'dry-run': flag(),
    'no-wait': flag(),
  })
  .refine(isPaceAllowed, { path: ['requests-per-second'] });
const environmentSchema = z.object(accessTokenShape);

/**
 * What the command line and the environment say, or `help` when that was asked for.
 * @throws UsageError naming each option and what is allowed; ConfigError naming the variable, never its value
 */
export function parseBackfillOptions(args: string[], env: NodeJS.ProcessEnv): BackfillOptions | 'help' {
  const options = readCommandLine(args, optionsSchema, COMMAND);
  if (options === 'help') return 'help';
  const { stack, to } = options;
  if (stack !== undefined && to !== undefined)
    throw new UsageError('of --stack and --to only one can be given');
  if (to !== undefined && options['no-wait']) throw new UsageError('--no-wait goes with --stack only');
  return {
    portalId: options.portal,
    since: options.since,
    place: archivePlaceOf({ stack, folder: to }),
    isDryRun: options['dry-run'],
    waits: !options['no-wait'],
    apiUrl: options['api-url'],
    apiVersion: options['api-version'],
    requestsPerSecond: options['requests-per-second'],
    attachmentMaxBytes: options['attachment-max-megabytes'] * 1_000_000,
    accessToken: readEnvironment(env, environmentSchema).HUBSPOT_ACCESS_TOKEN,
  };
}
