import { SAVED_QUERIES } from '../queries/saved-queries.ts';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { formatAnswer } from './query/answer.ts';
import { askFolder } from './query/ask-folder.ts';
import { readRequest } from './query/options.ts';

const COMMAND = 'npm run query';

const USAGE = `Usage: ${COMMAND} -- [options] "SELECT …"
       ${COMMAND} -- [options] --saved NAME --param name=value …
       ${COMMAND} -- --saved

Asks DuckDB about an archive in a folder. The tables are messages, threads, erasures, holds, actors, inboxes, channels and
channel_accounts; the views messages_named and threads_named join them. docs/data-dictionary.md has their columns. --saved
alone lists the saved queries.

  --folder PATH            the archive (default ./archive)
  --saved                  the query is the name of a saved one
  --param NAME=VALUE       a parameter of it; once for each
  --csv, --json            the answer in that form and whole; in a table, long texts are cut

The exit code is 0, 1 when there is no answer, or 2 when the command line cannot be used.
`;

/** `npm run query`: SQL over an archive in a folder. */
async function main(args: string[]): Promise<ExitCode> {
  const request = readRequest(args, COMMAND);
  process.stdout.write(request === 'help' ? USAGE : request === 'list' ? listQueries() : await ask(request));
  return 0;
}

async function ask({
  folder,
  sql,
  format,
}: Exclude<ReturnType<typeof readRequest>, string>): Promise<string> {
  return formatAnswer(await askFolder(folder, sql), format);
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
