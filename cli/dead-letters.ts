import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { threadIdText } from '../functions/thread-id.ts';
import { type DeadLetter, type DeadLetterHome } from './dead-letters/dead-letter.ts';
import { describeLetters, lettersAsJson } from './dead-letters/describe.ts';
import { createFolderHome } from './dead-letters/folder-home.ts';
import {
  type DeadLettersCommand,
  parseDeadLettersCommand,
  type Place,
  USAGE,
} from './dead-letters/options.ts';
import { createSqsHome } from './dead-letters/sqs-home.ts';
import { findQueues } from './dead-letters/stack-queues.ts';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { createSqsClient } from './sqs-client.ts';

/** `npm run dead-letters`: says which threads could not be archived, and has them tried again. */
async function main(args: string[]): Promise<ExitCode> {
  const command = parseDeadLettersCommand(args);
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const home = await openHome(command.place);
  return command.name === 'list' ? list(home, command) : redrive(home, command);
}

async function openHome(place: Place): Promise<DeadLetterHome> {
  if ('folder' in place) return createFolderHome(place.folder);
  const clock = { now: Date.now, sleep: (ms: number) => sleep(ms) };
  const sqs = createSqsClient();
  if ('stack' in place)
    return createSqsHome(sqs, await findQueues(new CloudFormationClient(), place.stack), clock);
  const { deadLetterQueueUrl, threadQueueUrl = '' } = place;
  return createSqsHome(sqs, { deadLetterQueueUrl, threadQueueUrl }, clock);
}

async function list(
  home: DeadLetterHome,
  { json }: DeadLettersCommand & { name: 'list' },
): Promise<ExitCode> {
  const { letters, notices } = await home.list();
  print(json ? lettersAsJson(letters) : describeLetters(letters, Date.now()));
  warn(notices);
  return 0;
}

async function redrive(
  home: DeadLetterHome,
  { thread, perSecond }: DeadLettersCommand & { name: 'redrive' },
): Promise<ExitCode> {
  let redriven = 0;
  const { left, notices } = await home.redrive({
    isWanted: (letter) => thread === undefined || textOf(letter) === thread,
    perSecond,
    onRedriven: (letter) => {
      redriven++;
      print(`${textOf(letter)} redriven`);
    },
  });
  warn(notices);
  if (left.length > 0) {
    warn([
      `${left.length} left: of no thread, so trying them again would be in vain; or to be erased, which takes --stack`,
    ]);
    return 1;
  }
  if (redriven === 0) warn([`no dead letters${thread === undefined ? '' : ` of thread ${thread}`}`]);
  return redriven === 0 && thread !== undefined ? 1 : 0;
}

function textOf({ thread }: DeadLetter): string {
  return thread === undefined ? 'none' : threadIdText(thread);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function warn(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}

await runCommand(main);
