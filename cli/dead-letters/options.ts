import * as z from 'zod';
import { flag, readCommandLine, UsageError, wholeNumber } from '../../local/command-line.ts';
import { archivePlaceShape } from '../archive-place.ts';

/** Where the dead letters are. */
export type Place =
  { stack: string } | { deadLetterQueueUrl: string; threadQueueUrl: string | undefined } | { folder: string };

/** What `npm run dead-letters` was told to do. The thread is `<portal id>/<thread id>`, or undefined for all. */
export type DeadLettersCommand =
  | { name: 'list'; place: Place; json: boolean }
  | { name: 'redrive'; place: Place; thread: string | undefined; perSecond: number };

const COMMAND = 'npm run dead-letters';

/** What `npm run dead-letters -- --help` prints. */
export const USAGE = `Usage: ${COMMAND} -- list [--json] [place]
       ${COMMAND} -- redrive --all | --thread PORTAL/THREAD [--per-second N] [place]

list shows the threads that could not be archived and are not tried any more, and why. redrive has them tried again, with
all their tries ahead of them. Both can be repeated at will, and broken off: no dead letter gets lost.

  --json                   list: as a JSON array, for other programs
  --all                    redrive: all dead letters
  --thread PORTAL/THREAD   redrive: those of one thread, e.g. 62515/6065362089
  --per-second N           redrive: at most so many a second, 1 to 100 (default 10)

The place is one of these:

  --stack NAME             a deployed stack (default Threadvault), with the AWS SDK's credentials and region
  --queue-url URL          a dead-letter queue of SQS; redrive needs --thread-queue-url URL as well
  --folder PATH            a folder that npm run serve archives into, whether that runs or not

The exit code is 0, 1 when something could not be done, or 2 when the command line cannot be used.
`;

const queueUrl = z
  .string()
  .regex(/^https?:\/\/\S+$/)
  .optional()
  .describe('the URL of an SQS queue');

const placeShape = { ...archivePlaceShape, 'queue-url': queueUrl };
const listSchema = z.object({ ...placeShape, json: flag() });
const redriveSchema = z.object({
  ...placeShape,
  'thread-queue-url': queueUrl,
  all: flag(),
  thread: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/)
    .optional()
    .describe('the ids of an account and a thread, e.g. 62515/6065362089'),
  'per-second': wholeNumber(1, 100, () => 10),
});

/**
 * What a command line says, or `help` when it asks for that.
 * @throws UsageError naming what is wrong, and what is allowed
 */
export function parseDeadLettersCommand([name, ...args]: string[]): DeadLettersCommand | 'help' {
  if (name === '--help') return 'help';
  if (name === 'list') {
    const options = readCommandLine(args, listSchema, COMMAND);
    return options === 'help' ? 'help' : { name, place: placeOf(options), json: options.json };
  }
  if (name === 'redrive') {
    const options = readCommandLine(args, redriveSchema, COMMAND);
    return options === 'help' ? 'help' : readRedrive(options);
  }
  const said = name === undefined ? 'nothing' : JSON.stringify(name);
  throw new UsageError(`${COMMAND} is told ${said}, but takes list or redrive; see ${COMMAND} -- --help`);
}

function readRedrive(options: z.output<typeof redriveSchema>): DeadLettersCommand {
  const { all, thread, 'per-second': perSecond } = options;
  const place = placeOf(options);
  if (all === (thread !== undefined))
    throw new UsageError('redrive takes one of --all and --thread PORTAL/THREAD');
  if ('deadLetterQueueUrl' in place && place.threadQueueUrl === undefined) {
    throw new UsageError(
      'redrive from --queue-url takes --thread-queue-url too, the queue that they go back to',
    );
  }
  return { name: 'redrive', place, thread, perSecond };
}

type PlaceOptions = {
  stack?: string | undefined;
  'queue-url'?: string | undefined;
  'thread-queue-url'?: string | undefined;
  folder?: string | undefined;
};

function placeOf({ stack, folder, ...urls }: PlaceOptions): Place {
  const { 'queue-url': deadLetterQueueUrl, 'thread-queue-url': threadQueueUrl } = urls;
  const given = [stack, deadLetterQueueUrl, folder].filter((place) => place !== undefined);
  if (given.length > 1) throw new UsageError('of --stack, --queue-url and --folder only one can be given');
  if (threadQueueUrl !== undefined && deadLetterQueueUrl === undefined) {
    throw new UsageError('--thread-queue-url goes with --queue-url only');
  }
  if (folder !== undefined) return { folder };
  if (deadLetterQueueUrl !== undefined) return { deadLetterQueueUrl, threadQueueUrl };
  return { stack: stack ?? 'Threadvault' };
}
