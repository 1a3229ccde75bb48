import { keepHeapSmall } from '../functions/heap.ts';
import { abortedBySignal } from './aborted-by-signal.ts';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { verifyByDigests } from './verify/against-digests.ts';
import { verifyByHubSpot } from './verify/against-hubspot.ts';
import { parseVerifyCommand, USAGE, type VerifyCommand } from './verify/options.ts';
import { type Progress, showProgress } from './verify/progress.ts';
import {
  describeReport,
  isWithoutDifference,
  type Report,
  requireWritable,
  writeHtml,
  writeJson,
} from './verify/report.ts';

/** `npm run verify`: compares an archive with its digests, or with HubSpot. */
async function main(args: string[]): Promise<ExitCode> {
  const command = parseVerifyCommand(args, process.env);
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  for (const file of [command.json, command.html]) if (file !== undefined) requireWritable(file);
  // A digest is a few megabytes that are garbage a moment later.
  keepHeapSmall();
  const { signal, end } = abortedBySignal();
  let progress: Progress = { step: 'digests', done: 0, of: undefined };
  const hide = showProgress(() => progress);
  let exitCode: ExitCode = 1;
  const print = (report: Report) => {
    hide();
    process.stdout.write(describeReport(report));
    if (command.json !== undefined) writeJson(command.json, report);
    if (command.html !== undefined) writeHtml(command.html, report);
    exitCode = isWithoutDifference(report) ? 0 : 1;
  };
  const run = {
    signal,
    onProgress: (now: Progress) => {
      progress = now;
    },
  };
  try {
    if (command.against === 'hubspot') await verifyByHubSpot(command, run, print);
    else await verifyByDigests(command, run, print);
  } catch (error) {
    if (!signal.aborted) throw error;
    hide();
    process.stderr.write(`broken off at ${progress.step} ${progress.done}${howToGoOn(command)}\n`);
  } finally {
    hide();
    end();
  }
  return exitCode;
}

function howToGoOn(command: VerifyCommand): string {
  if (command.against === 'hubspot') return '';
  return command.resume === undefined
    ? '; with --resume FILE it could go on from there'
    : '; the same command goes on from there';
}

await runCommand(main);
