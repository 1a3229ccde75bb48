import { randomUUID } from 'node:crypto';
import { STSClient } from '@aws-sdk/client-sts';
import { threadIdText } from '../functions/thread-id.ts';
import { type ArchivePlace, openArchive, openArchiveReader } from './archive-place.ts';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { type ActOutcome, carryOut, type HoldActCommand } from './holds/act.ts';
import { describeHolds, holdsAsJson, listHolds } from './holds/list.ts';
import { parseHoldCommand, USAGE } from './holds/options.ts';
import { whoIs } from './operator.ts';

/** `npm run hold`: keeps threads from being erased, and lists which are. */
async function main(args: string[]): Promise<ExitCode> {
  const command = parseHoldCommand(args);
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  return command.name === 'list' ? list(command.place, command.json) : act(command);
}

async function list(place: ArchivePlace, json: boolean): Promise<ExitCode> {
  const threads = await listHolds(await openArchiveReader(place));
  print(json ? holdsAsJson(threads) : describeHolds(threads));
  const open = threads.filter(({ notHeld }) => notHeld !== null && notHeld > 0);
  if (open.length === 0) return 0;
  process.stderr.write(
    `${open.length} held threads have versions without a hold: add the hold once more, which holds them\n`,
  );
  return 1;
}

async function act(command: HoldActCommand): Promise<ExitCode> {
  const by = await whoIs(command.place, () => new STSClient());
  const archive = await openArchive(command.place);
  let threads = 0;
  try {
    await carryOut(archive, command, { by, at: Date.now(), requestId: randomUUID() }, (outcome) => {
      threads++;
      print(describe(outcome));
    });
  } finally {
    await archive.close();
  }
  if (threads > 0) return 0;
  process.stderr.write('no such threads: nothing is done\n');
  return 1;
}

function describe({ id, cases, versions }: ActOutcome): string {
  const isHeld = cases.length > 0;
  const counted = versions === null ? '' : `, ${versions} versions ${isHeld ? 'held' : 'released'}`;
  return `${threadIdText(id)} ${isHeld ? `held by ${cases.join(', ')}` : 'not held'}${counted}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await runCommand(main);
