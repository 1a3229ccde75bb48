import { S3ServiceException } from '@aws-sdk/client-s3';
import { StoreError } from '../errors.ts';

// S3 says that the request itself is wrong, which another thread's would not be: too large, or not well-formed.
const BAD_REQUEST = 400;

/** S3's trouble as a StoreError, with S3's own code, which is a name and never quotes anything. */
export function explain(error: unknown, call: string): unknown {
  const status = statusOf(error);
  const name = error instanceof Error ? error.name : 'unknown error';
  if (status === undefined)
    return new StoreError(`no whole answer from S3 to ${call}: ${name}`, { cause: error });
  // This one alone of them says that S3 waited for us in vain.
  if (status === BAD_REQUEST && name !== 'RequestTimeout') return error;
  return new StoreError(`S3 answered ${status} ${name} to ${call}`, { status, cause: error });
}

/** The HTTP status of an answer of S3; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
