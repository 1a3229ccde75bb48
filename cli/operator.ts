import { userInfo } from 'node:os';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { ConfigError } from '../functions/errors.ts';
import { type ArchivePlace } from './archive-place.ts';

/**
 * Who gives a command, for the record of what is done: for a stack the ARN of the credentials, which no policy can refuse to
 * tell (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html, read November 2026); for a folder the
 * name of the user of this machine.
 * @throws ConfigError when STS names nobody; what STS throws
 */
export async function whoIs(place: ArchivePlace, openSts: () => STSClient): Promise<string> {
  if ('folder' in place) return userInfo().username;
  const { Arn } = await openSts().send(new GetCallerIdentityCommand({}));
  if (Arn === undefined) throw new ConfigError('STS does not say whose credentials these are');
  return Arn;
}
