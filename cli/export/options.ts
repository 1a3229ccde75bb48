import * as z from 'zod';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { flag, readCommandLine, UsageError } from '../../local/command-line.ts';
import {
  ARCHIVE_PLACE_USAGE,
  type ArchivePlace,
  archivePlaceOf,
  archivePlaceShape,
} from '../archive-place.ts';
import { threadsOption } from '../thread-options.ts';
import { isDay, isZone } from './zone-clock.ts';

const CONTENTS = ['json', 'html', 'eml'] as const;
/** What an export may hold: rows and records, transcripts with the attached files, or each message as an e-mail. */
export type Content = (typeof CONTENTS)[number];

/** What `npm run export` was told to do. */
export type ExportCommand = {
  place: ArchivePlace;
  /** Which threads, and which messages of them. */
  threads: readonly ThreadId[] | undefined;
  contact: string | undefined;
  /** First and last day, both included, `YYYY-MM-DD` in the zone. */
  since: string | undefined;
  until: string | undefined;
  /** Whether the messages outside those days are exported too, marked. */
  wholeThreads: boolean;
  to: string;
  contents: readonly Content[];
  zip: boolean;
  zone: string;
  /** For the record, in the words of whoever asked. */
  caseName: string | undefined;
  reason: string | undefined;
  requestedBy: string | undefined;
};

const COMMAND = 'npm run export';

/** What `npm run export -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- --thread PORTAL/THREAD[,…] | --contact ID | --since DAY | --until DAY --to PATH [options]

Writes archived conversations into a folder or a zip file, to be handed over: the rows as they are archived, the attached
files, a transcript of each thread to be read and printed, and a manifest with the SHA-256 of every file and of the object
that it comes from. The archive is only read.

  --thread PORTAL/THREAD   these threads, separated by commas, e.g. 62515/6065362089
  --contact ID             threads of this contact or visitor
  --since DAY              messages of this day and later, YYYY-MM-DD, in the zone
  --until DAY              messages of this day and earlier
  --whole-threads          of threads with a message in those days all messages; those outside are marked
  --to PATH                the folder or zip file, which must not be there yet
  --format FORMAT[,…]      json: rows and records. html: transcripts and attached files. eml: an e-mail file for each
                           message. zip: all of it as one zip file (default json,html)
  --zone ZONE              the zone of the days, and of the times in transcripts beside UTC, e.g. Europe/Berlin (default UTC)
  --case NAME              for the record: the name of the case
  --reason TEXT            for the record: why it is exported
  --requested-by NAME      for the record: who asked for it
${ARCHIVE_PLACE_USAGE}

All that is given must hold. The exit code is 0, 1 when something could not be exported as it is archived, or 2 when the
command line cannot be used.
`;

const day = z.string().refine(isDay).optional().describe('a day, YYYY-MM-DD');
const note = z.string().min(1).max(1000).optional().describe('a text of at most 1000 characters');
const FORMAT_LIST = new RegExp(`^(?:${CONTENTS.join('|')}|zip)(?:,(?:${CONTENTS.join('|')}|zip))*$`);

const schema = z.object({
  ...archivePlaceShape,
  thread: threadsOption,
  contact: z.string().min(1).optional().describe('the id of a contact or visitor'),
  since: day,
  until: day,
  'whole-threads': flag(),
  to: z.string().min(1).describe('a path where nothing is yet'),
  format: z
    .string()
    .regex(FORMAT_LIST)
    .default('json,html')
    .describe('json, html, eml and zip, separated by commas'),
  zone: z.string().refine(isZone).default('UTC').describe('a time zone, e.g. Europe/Berlin'),
  case: note,
  reason: note,
  'requested-by': note,
});

/**
 * What a command line says, or `help` when it asks for that.
 * @throws UsageError naming what is wrong, and what is allowed
 */
export function parseExportCommand(args: string[]): ExportCommand | 'help' {
  const options = readCommandLine(args, schema, COMMAND);
  if (options === 'help') return 'help';
  const { thread, contact, since, until, to, zone, reason } = options;
  if (thread === undefined && contact === undefined && since === undefined && until === undefined)
    throw new UsageError('what is to be exported is said by --thread, --contact, --since or --until');
  if (since !== undefined && until !== undefined && since > until)
    throw new UsageError('--since is after --until, so no message can be meant');
  const formats = new Set(options.format.split(','));
  const contents = CONTENTS.filter((content) => formats.has(content));
  return {
    place: archivePlaceOf(options),
    threads: thread && eachOnce(thread),
    contact,
    since,
    until,
    wholeThreads: options['whole-threads'],
    to,
    contents: contents.length === 0 ? ['json', 'html'] : contents,
    zip: formats.has('zip'),
    zone,
    caseName: options.case,
    reason,
    requestedBy: options['requested-by'],
  };
}

function eachOnce(ids: readonly ThreadId[]): ThreadId[] {
  return [...new Map(ids.map((id) => [threadIdText(id), id])).values()];
}
