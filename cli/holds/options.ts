import * as z from 'zod';
import { type ThreadId } from '../../functions/thread-id.ts';
import { flag, readCommandLine, UsageError } from '../../local/command-line.ts';
import {
  ARCHIVE_PLACE_USAGE,
  type ArchivePlace,
  archivePlaceOf,
  archivePlaceShape,
} from '../archive-place.ts';
import { contactOption, reasonOption, threadsOption } from '../thread-options.ts';

/** The threads whose holds change. At least one of the three is given to remove; all that is given must hold. */
export type HoldTarget = {
  threads: readonly ThreadId[] | undefined;
  contact: string | undefined;
  /** Those that a case holds. */
  ofCase: string | undefined;
};

/** What `npm run hold` was told to do. */
export type HoldCommand =
  | { name: 'list'; place: ArchivePlace; json: boolean }
  | { name: 'add' | 'remove'; place: ArchivePlace; target: HoldTarget; caseName: string; reason: string };

const COMMAND = 'npm run hold';
/** The case of holds that name none. */
const NO_CASE = 'general';

/** What `npm run hold -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- add (--thread PORTAL/THREAD | --contact ID) [--case NAME] --reason TEXT [place]
       ${COMMAND} -- remove (--thread PORTAL/THREAD | --contact ID | --case NAME) --reason TEXT [place]
       ${COMMAND} -- list [--json] [place]

Nothing of a thread that is held can be erased: no version of its messages, its files and its record, nor those that come
later. A thread may be held by several cases, and is released when the last of them is removed. Each act stays on record:
who, when and why. All can be repeated: add holds what is not held yet, remove releases what is held in vain. list ends with 1
when a version of a held thread has no hold.

  --thread PORTAL/THREAD   a thread, or several separated by commas, e.g. 62515/6065362089,62515/6065362090
  --contact ID             the archived threads that HubSpot associates with a contact or visitor
  --case NAME              the case that holds (default ${NO_CASE}); remove without a thread: all threads of that case
  --reason TEXT            why, in up to 500 characters
  --json                   list: as a JSON array, for other programs

The place is one of these. A folder must not be in use by npm run serve, except to list.

${ARCHIVE_PLACE_USAGE}

The exit code is 0, 1 when something could not be done, or 2 when the command line cannot be used.
`;

const listSchema = z.object({ ...archivePlaceShape, json: flag() });
const actSchema = z.object({
  ...archivePlaceShape,
  thread: threadsOption,
  contact: contactOption,
  case: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/)
    .optional()
    .describe('the name of a case: up to 64 letters, digits, _, . and -'),
  reason: reasonOption,
});

/**
 * What a command line says, or `help` when it asks for that.
 * @throws UsageError naming what is wrong, and what is allowed
 */
export function parseHoldCommand([name, ...args]: string[]): HoldCommand | 'help' {
  if (name === '--help') return 'help';
  if (name === 'list') {
    const options = readCommandLine(args, listSchema, COMMAND);
    return options === 'help' ? 'help' : { name, place: archivePlaceOf(options), json: options.json };
  }
  if (name === 'add' || name === 'remove') {
    const options = readCommandLine(args, actSchema, COMMAND);
    return options === 'help' ? 'help' : readAct(name, options);
  }
  const said = name === undefined ? 'nothing' : JSON.stringify(name);
  throw new UsageError(`${COMMAND} is told ${said}, but takes add, remove or list; see ${COMMAND} -- --help`);
}

function readAct(name: 'add' | 'remove', options: z.output<typeof actSchema>): HoldCommand {
  const { thread: threads, contact, case: ofCase, reason } = options;
  if (threads !== undefined && contact !== undefined)
    throw new UsageError('of --thread and --contact only one can be given');
  const isNamed = threads !== undefined || contact !== undefined;
  if (name === 'add' && !isNamed) throw new UsageError('add takes --thread PORTAL/THREAD or --contact ID');
  if (!isNamed && ofCase === undefined)
    throw new UsageError('remove takes --thread PORTAL/THREAD, --contact ID or --case NAME');
  const target = { threads, contact, ofCase: name === 'remove' ? ofCase : undefined };
  return { name, place: archivePlaceOf(options), target, caseName: ofCase ?? NO_CASE, reason };
}
