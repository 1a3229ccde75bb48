import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { findQueues } from '../../../cli/dead-letters/stack-queues.ts';
import { ConfigError } from '../../../functions/errors.ts';

const cloudFormation = mockClient(CloudFormationClient);
const client = new CloudFormationClient({ region: 'eu-central-1' });

function answer(outputs: Record<string, string>): void {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  cloudFormation.on(DescribeStacksCommand, { StackName: 'Mine' }).resolves({
    Stacks: [{ StackName: 'Mine', CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE', Outputs }],
  });
}

it('finds the queues of a stack in its outputs', async () => {
  answer({
    ThreadQueueUrl: 'https://sqs/threads',
    Other: 'x',
    DeadLetterQueueUrl: 'https://sqs/dead',
    ErasureQueueUrl: 'https://sqs/erasures',
  });

  expect(await findQueues(client, 'Mine')).toEqual({
    deadLetterQueueUrl: 'https://sqs/dead',
    threadQueueUrl: 'https://sqs/threads',
    erasureQueueUrl: 'https://sqs/erasures',
  });
});

it('says what a stack lacks that is another', async () => {
  answer({ ThreadQueueUrl: 'https://sqs/threads' });

  await expect(findQueues(client, 'Mine')).rejects.toThrow(
    new ConfigError(
      "the stack Mine has no output DeadLetterQueueUrl: it is not Threadvault's, or an older one",
    ),
  );
});
