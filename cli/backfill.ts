import { HubSpotError, StoreError } from '../functions/errors.ts';
import { abortedBySignal } from './aborted-by-signal.ts';
import { parseBackfillOptions, USAGE } from './backfill/options.ts';
import { runBackfill } from './backfill/run.ts';
import { type ExitCode, explainFailure } from './explain-failure.ts';
import { runCommand } from './run-command.ts';

/** `npm run backfill`: archives the history before installation, and whatever else the archive lacks. */
async function main(args: string[]): Promise<ExitCode> {
  const options = parseBackfillOptions(args, process.env);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  // To be ended at once loses nothing either.
  const { signal } = abortedBySignal((name) => {
    process.stderr.write(`\n${name}: ending when the threads at hand are archived; once more ends at once\n`);
  });
  return runBackfill(options, signal);
}

/** What HubSpot or the archive refuses is said in a line: its message has ids alone. */
function explain(error: unknown): ReturnType<typeof explainFailure> {
  if (!(error instanceof HubSpotError) && !(error instanceof StoreError)) return explainFailure(error);
  const isRefused = error instanceof HubSpotError && (error.status === 401 || error.status === 403);
  const advice = isRefused
    ? 'the access token in HUBSPOT_ACCESS_TOKEN does not work for this account, or lacks the scope conversations.read'
    : 'what is archived stays; the same command goes on';
  return { text: `${error.message}; ${advice}`, exitCode: 1 };
}

await runCommand(main, explain);
