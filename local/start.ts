import { exitCodeOf, explainFailure } from './command-line.ts';
import { isComplete } from './demo/compare.ts';
import { type DemoOptions, parseDemoOptions, USAGE } from './demo/options.ts';
import { describeResult } from './demo/report.ts';
import { runDemo } from './demo/run.ts';
import { outliveStandardStreams } from './standard-streams.ts';

/**
 * `npm start`: exit code 0 when everything is archived, 1 when anything is missing or the run could not be made, 2 when its
 * command line cannot be used.
 */
async function main(args: string[]): Promise<number> {
  const options = parseDemoOptions(args);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  process.stdout.write(describeStart(options));
  const result = await runDemo(options);
  process.stdout.write(describeResult(result));
  return isComplete(result.comparison) ? 0 : 1;
}

function describeStart({ threads, seconds, seed, folder }: DemoOptions): string {
  return `${threads} conversations grow in a simulated HubSpot for ${seconds} s (seed ${seed}); Threadvault archives them into ${folder}\n`;
}

outliveStandardStreams();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
