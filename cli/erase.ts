import { randomUUID } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { STSClient } from '@aws-sdk/client-sts';
import { threadIdText } from '../functions/thread-id.ts';
import { createSqsQueue } from '../functions/thread-queue/sqs.ts';
import { type ArchivePlace, type OpenArchive, openArchive } from './archive-place.ts';
import { eraseByQueue, type EraseByOrder, eraseHere } from './erase/carry-out.ts';
import { confirm } from './erase/confirm.ts';
import { type EraseCommand, parseEraseCommand, USAGE } from './erase/options.ts';
import { describePlan, planErasure } from './erase/plan.ts';
import { type ExitCode } from './explain-failure.ts';
import { whoIs } from './operator.ts';
import { runCommand } from './run-command.ts';
import { createSqsClient } from './sqs-client.ts';
import { readStackOutputs } from './stack-outputs.ts';

/** `npm run erase`: has what is archived of threads erased, after asking twice. */
async function main(args: string[]): Promise<ExitCode> {
  const command = parseEraseCommand(args);
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const archive = await openArchive(command.place);
  try {
    return await erase(archive, command);
  } finally {
    await archive.close();
  }
}

async function erase(
  archive: OpenArchive,
  { place, choice, reason, isConfirmed }: EraseCommand,
): Promise<ExitCode> {
  const plan = await planErasure(archive, choice);
  const doomed = plan.filter(({ state }) => state !== 'erased before');
  if (plan.length > 0) print(describePlan(plan));
  if (doomed.length === 0) {
    process.stderr.write('nothing is archived of such threads: nothing is done\n');
    return 1;
  }
  if (!isConfirmed && !(await confirm(doomed.length, { input: process.stdin, output: process.stderr }))) {
    process.stderr.write('not confirmed: nothing is done\n');
    return 1;
  }
  const by = await whoIs(place, () => new STSClient());
  const order = { by, reason, at: Date.now(), requestId: randomUUID() };
  const eraseByOrder = await openRoad(archive, place);
  for (const { id } of doomed) print(`${threadIdText(id)} ${await eraseByOrder(id, order)}`);
  return 0;
}

async function openRoad(archive: OpenArchive, place: ArchivePlace): Promise<EraseByOrder> {
  if ('folder' in place) return eraseHere(archive);
  const read = await readStackOutputs(new CloudFormationClient(), place.stack);
  const queue = createSqsQueue(createSqsClient(), {
    queueUrl: read('ErasureQueueUrl'),
    deadLetterQueueUrl: read('DeadLetterQueueUrl'),
  });
  return eraseByQueue(archive, (thread) => queue.sendAfter(thread, 0));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await runCommand(main);
