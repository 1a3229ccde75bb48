import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { type DigestRun } from '../functions/digest/write-digests.ts';
import { ConfigError } from '../functions/errors.ts';
import { readCommandLine } from '../local/command-line.ts';
import { writeFolderDigests } from '../local/folder-digests.ts';
import { openFolderReader } from '../local/folder-reader.ts';
import { openFolderStore } from '../local/folder-store.ts';
import { numeral } from '../local/numeral.ts';
import { ARCHIVE_PLACE_USAGE, archivePlaceOf, archivePlaceShape } from './archive-place.ts';
import { type ExitCode } from './explain-failure.ts';
import { runCommand } from './run-command.ts';
import { readStackOutputs } from './stack-outputs.ts';

const COMMAND = 'npm run digest';

const USAGE = `Usage: ${COMMAND} -- [place]

Writes a digest now, and does not wait for the hour: lists what was archived since the newest one, and signs the list. Of a
stack, it has the Lambda write-digest do so, which alone may sign. A folder that npm run serve archives into has digests
written by that, once an hour.

${ARCHIVE_PLACE_USAGE}

The exit code is 0, 1 when it could not be written, or 2 when the command line cannot be used.
`;

const runSchema = z.object({
  digests: z.number(),
  changes: z.number(),
  head: z.object({ sequence: z.number(), sha256: z.string() }),
});

/** `npm run digest`: writes a digest of what was archived since the last one. */
async function main(args: string[]): Promise<ExitCode> {
  const options = readCommandLine(args, z.object(archivePlaceShape), COMMAND);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const place = archivePlaceOf(options);
  const run = 'folder' in place ? await digestFolder(place.folder) : await digestStack(place.stack);
  const { digests, changes, head } = run;
  process.stdout.write(
    `${digests === 1 ? 'one digest' : `${numeral(digests)} digests`} of ${numeral(changes)} changes; ` +
      `the newest is ${head.sequence}, SHA-256 ${head.sha256}\n`,
  );
  return 0;
}

async function digestFolder(folder: string): Promise<DigestRun> {
  // One that is not there is a misspelt one.
  await openFolderReader(folder);
  const store = await openFolderStore(folder);
  try {
    return await writeFolderDigests(store);
  } finally {
    await store.close();
  }
}

async function digestStack(stack: string): Promise<DigestRun> {
  const read = await readStackOutputs(new CloudFormationClient(), stack);
  const command = new InvokeCommand({ FunctionName: read('WriteDigestName') });
  const { FunctionError, Payload } = await new LambdaClient().send(command);
  if (FunctionError !== undefined)
    throw new ConfigError('write-digest has failed; its log says why, see docs/runbook.md#digests-missing');
  return runSchema.parse(JSON.parse(Buffer.from(Payload ?? []).toString('utf8')));
}

await runCommand(main);
