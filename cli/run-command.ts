import { outliveStandardStreams } from '../local/standard-streams.ts';
import { type ExitCode, explainFailure } from './explain-failure.ts';

/**
 * Runs a command with the arguments of this process, and sets its exit code. What the command throws is said on stderr.
 * Never throws.
 * @param explain what is said of it, and the exit code
 */
export async function runCommand(
  main: (args: string[]) => Promise<ExitCode>,
  explain: typeof explainFailure = explainFailure,
): Promise<void> {
  outliveStandardStreams();
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const { text, exitCode } = explain(error);
    // An engine's error may quote what somebody wrote, and that must not steer the terminal.
    process.stderr.write(`${text.replaceAll(/(?![\n\t])\p{Cc}/gu, ' ')}\n`);
    process.exitCode = exitCode;
  }
}
