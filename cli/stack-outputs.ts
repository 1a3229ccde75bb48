import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ConfigError } from '../functions/errors.ts';

/**
 * What a deployed stack says of itself, output by output.
 * @throws what CloudFormation throws, e.g. when there is no such stack; the function that it gives throws ConfigError when the
 * stack has no such output, and so is not one of Threadvault, or an older one
 */
export async function readStackOutputs(
  client: CloudFormationClient,
  stack: string,
): Promise<(name: string) => string> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return (name) => {
    const value = outputs.get(name);
    if (value === undefined)
      throw new ConfigError(
        `the stack ${stack} has no output ${name}: it is not Threadvault's, or an older one`,
      );
    return value;
  };
}
