import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ConfigError } from '../../functions/errors.ts';
import { type Queues } from './sqs-home.ts';

/**
 * The queues of a deployed stack, from its outputs.
 * @throws ConfigError when it is no stack of Threadvault; what CloudFormation throws, e.g. when there is no such stack
 */
export async function findQueues(client: CloudFormationClient, stack: string): Promise<Queues> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const read = (name: string): string => {
    const value = outputs.get(name);
    if (value === undefined)
      throw new ConfigError(`the stack ${stack} has no output ${name}: it is not Threadvault's`);
    return value;
  };
  return {
    deadLetterQueueUrl: read('DeadLetterQueueUrl'),
    threadQueueUrl: read('ThreadQueueUrl'),
    erasureQueueUrl: read('ErasureQueueUrl'),
  };
}
