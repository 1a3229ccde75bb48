import * as z from 'zod';
import { flag, readCommandLine, UsageError } from '../../local/command-line.ts';
import {
  ARCHIVE_PLACE_USAGE,
  type ArchivePlace,
  archivePlaceOf,
  archivePlaceShape,
} from '../archive-place.ts';
import { type ThreadChoice } from '../thread-choice.ts';
import { contactOption, reasonOption, threadsOption } from '../thread-options.ts';

/** What `npm run erase` was told to do. `isConfirmed`: by whoever wrote the command line, so nobody is asked. */
export type EraseCommand = {
  place: ArchivePlace;
  choice: ThreadChoice;
  reason: string;
  isConfirmed: boolean;
};

const COMMAND = 'npm run erase';

/** What `npm run erase -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- (--thread PORTAL/THREAD | --contact ID) --reason TEXT [--yes] [place]

Erases what is archived of threads, for good: every version of their messages, files and records. Shows what would go, and
asks twice. A held thread stays as it is until it is released, and so does a version until its lock ends;
then they are erased. Who erased, when, why and what stays on record. Who wrote in the threads stays in actors/.

  --thread PORTAL/THREAD   a thread, or several separated by commas, e.g. 62515/6065362089,62515/6065362090
  --contact ID             the archived threads that HubSpot associates with a contact or visitor
  --reason TEXT            why, in up to 500 characters
  --yes                    asks nothing, for scripts

The place is one of these. A folder must not be in use by npm run serve.

${ARCHIVE_PLACE_USAGE}

The exit code is 0, 1 when something could not be done, or 2 when the command line cannot be used.
`;

const schema = z.object({
  ...archivePlaceShape,
  thread: threadsOption,
  contact: contactOption,
  reason: reasonOption,
  yes: flag(),
});

/**
 * What a command line says, or `help` when it asks for that.
 * @throws UsageError naming what is wrong, and what is allowed
 */
export function parseEraseCommand(args: string[]): EraseCommand | 'help' {
  const options = readCommandLine(args, schema, COMMAND);
  if (options === 'help') return 'help';
  const { thread: threads, contact, reason, yes } = options;
  if ((threads === undefined) === (contact === undefined))
    throw new UsageError('erase takes one of --thread PORTAL/THREAD and --contact ID');
  const choice = threads === undefined ? { contact } : { threads };
  return { place: archivePlaceOf(options), choice, reason, isConfirmed: yes };
}
