import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ConfigError } from '../functions/errors.ts';

/**
 * What a deployed stack says of itself, output by output. What the function that it gives is told beside the name is said when
 * the stack has no such output.
 * @throws what CloudFormation throws, e.g. when there is no such stack; the function that it gives throws ConfigError when the
 * stack has no such output, and so is not one of Threadvault, or an older one
 */
export async function readStackOutputs(
  client: CloudFormationClient,
  stack: string,
): Promise<(name: string, lacking?: string) => string> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return (
    name,
    lacking = `the stack ${stack} has no output ${name}: it is not Threadvault's, or an older one`,
  ) => {
    const value = outputs.get(name);
    if (value === undefined) throw new ConfigError(lacking);
    return value;
  };
}
