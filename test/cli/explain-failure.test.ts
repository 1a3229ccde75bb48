import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';
import { SQSServiceException } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../cli/explain-failure.ts';
import { ConfigError } from '../../functions/errors.ts';
import { UsageError } from '../../local/command-line.ts';

describe('a command that fails', () => {
  it('ends with 2 when its command line cannot be used', () => {
    expect(explainFailure(new UsageError('--all is what?'))).toEqual({ text: '--all is what?', exitCode: 2 });
  });

  it('ends with 1 when something else is wrong', () => {
    expect(explainFailure(new ConfigError('no such folder'))).toEqual({
      text: 'no such folder',
      exitCode: 1,
    });
  });

  it.each([
    [
      new SQSServiceException({ name: 'AccessDenied', message: 'not you', $fault: 'client', $metadata: {} }),
      'AWS: AccessDenied: not you',
    ],
    [
      Object.assign(new Error('Could not load'), { name: 'CredentialsProviderError' }),
      'AWS: no credentials (Could not load); set AWS_PROFILE to a profile that has some, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      new CloudFormationServiceException({
        name: 'ValidationError',
        message: 'Stack with id Mine does not exist',
        $fault: 'client',
        $metadata: {},
      }),
      'AWS: ValidationError: Stack with id Mine does not exist; --stack names another one, and AWS_REGION the region that is looked in',
    ],
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND sqs.x.amazonaws.com'), {
        code: 'ENOTFOUND',
        $metadata: {},
      }),
      'AWS: getaddrinfo ENOTFOUND sqs.x.amazonaws.com; either AWS_REGION, or the region of AWS_PROFILE, is not one of AWS, or this machine has no way to AWS',
    ],
    [
      new Error('Region is missing'),
      'AWS: no region; set AWS_REGION, or AWS_PROFILE to a profile that has one',
    ],
  ])('says what AWS said, in one line', (error, text) => {
    expect(explainFailure(error)).toEqual({ text, exitCode: 1 });
  });

  it('shows where an error comes from that nobody thought of', () => {
    expect(explainFailure(new TypeError('oh')).text).toContain('explain-failure.test.ts');
  });
});
