import type { Context } from 'aws-lambda';

/** The context of an invocation with five minutes left. */
export function lambdaContext(change: Partial<Context> = {}): Partial<Context> {
  return {
    awsRequestId: 'request-of-the-test',
    functionName: 'test',
    getRemainingTimeInMillis: () => 300_000,
    ...change,
  };
}
