import { type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { readStackOutputs } from '../stack-outputs.ts';

/** Where Athena finds the tables, and the workgroup that says where answers go and how much a query may scan. */
export type AthenaPlace = { database: string; workGroup: string };

/**
 * Where the tables of a deployed stack are, from its outputs.
 * @param copy whether the analytics copy is meant, and not the archive itself
 * @throws ConfigError also when the stack has no such copy; what {@link readStackOutputs} throws
 */
export async function findAthena(
  client: CloudFormationClient,
  { stack, copy }: { stack: string; copy: boolean },
): Promise<AthenaPlace> {
  const read = await readStackOutputs(client, stack);
  const noCopy = `the stack ${stack} has no analytics copy; the setting analytics turns it on`;
  return {
    database: copy ? read('CopyDatabaseName', noCopy) : read('DatabaseName'),
    workGroup: read('WorkGroupName'),
  };
}
