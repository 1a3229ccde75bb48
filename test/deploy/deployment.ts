import { readFileSync } from 'node:fs';

/** The variable that tells the tests where {@link Deployment} is written. */
export const DEPLOYMENT_FILE = 'THREADVAULT_DEPLOYMENT';
/** The account that the deployed stack archives. */
export const PORTAL_ID = 62515;

/** What the tests must know of the stacks that run.ts has deployed. */
export type Deployment = {
  /** The stack's outputs. */
  outputs: Record<
    | 'AccessTokensArn'
    | 'ApiEndpoint'
    | 'ArchiveBucketName'
    | 'ChangesQueueUrl'
    | 'ClientSecretArn'
    | 'DeadLetterQueueUrl'
    | 'ThreadQueueUrl',
    string
  >;
  /** Those of the stack for SQL. */
  queryOutputs: Record<
    'CopyBucketName' | 'CopyDatabaseName' | 'CopyStateMachineArn' | 'DatabaseName',
    string
  >;
  /** The template that was deployed. */
  template: { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
  /** Where the deployed stack looks for HubSpot, on 127.0.0.1. */
  hubspotPort: number;
};

/** Reads what run.ts has written. */
export function readDeployment(): Deployment {
  const file = process.env[DEPLOYMENT_FILE];
  if (file === undefined) throw new Error('these tests need a deployment: npm run test:deploy');
  return JSON.parse(readFileSync(file, 'utf8')) as Deployment;
}
