import { setTimeout as sleep } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SAVED_QUERIES } from '../queries/saved-queries.ts';
import { abortedBySignal } from './aborted-by-signal.ts';
import { type ExitCode } from './explain-failure.ts';
import { formatAnswer } from './query/answer.ts';
import { askAthena } from './query/ask-athena.ts';
import { askFolder } from './query/ask-folder.ts';
import { findAthena } from './query/athena-place.ts';
import { describeCharge } from './query/charge.ts';
import { type Question, readRequest } from './query/options.ts';
import { runCommand } from './run-command.ts';

const COMMAND = 'npm run query';

const USAGE = `Usage: ${COMMAND} -- [options] "SELECT …"
       ${COMMAND} -- [options] --saved NAME --param name=value …
       ${COMMAND} -- --saved

Asks Athena about the archive of a deployed stack, or DuckDB about one in a folder. The tables are messages, threads, erasures,
holds, actors, inboxes, channels and channel_accounts; the views messages_named and threads_named join them.
docs/data-dictionary.md has their columns. --saved alone lists the saved queries.

  --stack NAME             the deployed stack for SQL (default ThreadvaultQuery), with the AWS SDK's credentials and region. What
                           Athena has scanned, and what that costs, is said on stderr; Ctrl-C stops the query
  --folder PATH            an archive in a folder
  --saved                  the query is the name of a saved one
  --param NAME=VALUE       a parameter of it; once for each
  --copy                   with a stack: ask its analytics copy, some hours behind, if that is turned on
  --csv, --json            the answer in that form and whole; in a table, long texts are cut. In CSV, a text that a spreadsheet would
                           take for a formula has ' before it

The exit code is 0, 1 when there is no answer, or 2 when the command line cannot be used.
`;

/** `npm run query`: SQL over the archive of a stack, or over one in a folder. */
async function main(args: string[]): Promise<ExitCode> {
  const request = readRequest(args, COMMAND);
  if (request === 'help') process.stdout.write(USAGE);
  else if (request === 'list') process.stdout.write(listQueries());
  else await answer(request);
  return 0;
}

async function answer({ sql, place, copy, format }: Question): Promise<void> {
  if ('folder' in place) {
    process.stdout.write(formatAnswer(await askFolder(place.folder, sql), format));
    return;
  }
  const athena = await findAthena(new CloudFormationClient(), { stack: place.stack, copy });
  const { signal, end } = abortedBySignal();
  const clock = {
    now: Date.now,
    sleep: (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
  try {
    const asked = await askAthena({ client: new AthenaClient(), place: athena, clock, signal }, sql);
    process.stdout.write(formatAnswer(asked.answer, format));
    process.stderr.write(`${describeCharge(asked.execution)}\n`);
  } finally {
    end();
  }
}

function listQueries(): string {
  const columns = ['query', 'parameters', 'what it answers'];
  const rows = SAVED_QUERIES.map(({ name, parameters, description }) => [
    name,
    parameters.join(', '),
    description,
  ]);
  return formatAnswer({ columns, rows }, 'table');
}

await runCommand(main);
