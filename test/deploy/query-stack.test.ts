import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { TABLES } from '../../functions/archive/tables.ts';
import { VIEWS } from '../../queries/views.ts';
import { readDeployment } from './deployment.ts';

const { outputs, queryOutputs } = readDeployment();

const tablesSchema = z.object({
  TableList: z.array(
    z.looseObject({ Name: z.string(), StorageDescriptor: z.looseObject({ Location: z.string() }) }),
  ),
});

describe('the stack for SQL', () => {
  it('has every table over the bucket that the archive has made, and the views', async () => {
    const { TableList } = tablesSchema.parse(
      await ask('AWSGlue.GetTables', { DatabaseName: queryOutputs.DatabaseName }),
    );

    const found = TableList.map(({ Name, StorageDescriptor }) => [Name, StorageDescriptor.Location]);
    const tables = Object.entries(TABLES).map(([name, { prefix }]) => [
      name,
      `s3://${outputs.ArchiveBucketName}/${prefix}`,
    ]);
    expect(found.sort()).toEqual([...tables, ...VIEWS.map(({ name }) => [name, ''])].sort());
  });

  it('has a state machine for the copy that knows both buckets', async () => {
    const { definition } = z.looseObject({ definition: z.string() }).parse(
      await ask('AWSStepFunctions.DescribeStateMachine', {
        stateMachineArn: queryOutputs.CopyStateMachineArn,
      }),
    );

    expect(definition).not.toContain('${');
    expect(definition).toContain(`"Bucket":"${outputs.ArchiveBucketName}"`);
    expect(definition).toContain(`LOCATION 's3://${queryOutputs.CopyBucketName}/tables/messages/'`);
  });
});

/** Asks MiniStack, which looks at no signature, without a client of our own for each service. */
async function ask(target: string, body: object): Promise<unknown> {
  const response = await fetch(process.env['AWS_ENDPOINT_URL']!, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
  return JSON.parse(text);
}
