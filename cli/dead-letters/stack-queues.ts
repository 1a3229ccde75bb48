import { type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { readStackOutputs } from '../stack-outputs.ts';
import { type Queues } from './sqs-home.ts';

/**
 * The queues of a deployed stack, from its outputs.
 * @throws what {@link readStackOutputs} throws
 */
export async function findQueues(client: CloudFormationClient, stack: string): Promise<Queues> {
  const read = await readStackOutputs(client, stack);
  return {
    deadLetterQueueUrl: read('DeadLetterQueueUrl'),
    threadQueueUrl: read('ThreadQueueUrl'),
    erasureQueueUrl: read('ErasureQueueUrl'),
  };
}
