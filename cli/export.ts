import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { describeOutcome, exportCase } from './export/export-case.ts';
import { parseExportCommand, USAGE } from './export/options.ts';
import { type Problem } from './export/output.ts';
import { openExportSource } from './export/source.ts';
import { openTarget, type Target } from './export/target.ts';
import { ConfigError } from '../functions/errors.ts';

/** `npm run export`: writes archived conversations into a folder or a zip file, to be handed over. */
async function main(args: string[]): Promise<ExitCode> {
  const command = parseExportCommand(args);
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const source = await openExportSource(command.place);
  const target = openTarget(command.to);
  disposeWhenInterrupted(target);
  try {
    await target.begin();
    const toolVersion = await readVersion();
    const exported = await exportCase(command, { source, ...target, now: new Date(), toolVersion });
    for (const problem of exported.problems) process.stderr.write(`${describe(problem)}\n`);
    if (exported.threads === 0) throw new ConfigError('nothing is exported: the archive has no such thread');
    await target.finish({ zip: command.zip });
    process.stdout.write(`${describeOutcome(exported, command.to)}\n`);
    return exported.problems.length === 0 ? 0 : 1;
  } finally {
    await target.dispose();
  }
}

// Without their keys: the name of a file is in those of attached files. The manifest has them.
function describe({ thread, message_id, problem }: Problem): string {
  const where = [
    thread === null ? 'the archive' : `thread ${thread}`,
    message_id === null ? '' : `, message ${message_id}`,
  ];
  return `${where.join('')}: ${problem}`;
}

/** Leaves nothing half-written behind when the command is broken off. */
function disposeWhenInterrupted(target: Target): void {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      target.disposeNow();
      process.exit(exitCode);
    });
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return z.looseObject({ version: z.string() }).parse(JSON.parse(text)).version;
}

await runCommand(main);
