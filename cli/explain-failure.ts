import { exitCodeOf, explainFailure as explainLocally } from '../local/command-line.ts';

/** What a command ends with: 0, 1 when something could not be done, or 2 when its command line cannot be used. */
export type ExitCode = 0 | 1 | 2;

/** What went wrong, for the person who typed the command, and how the command ends. A refusal of AWS is one line. */
export function explainFailure(error: unknown): { text: string; exitCode: ExitCode } {
  return { text: explainAws(error) ?? explainLocally(error), exitCode: exitCodeOf(error) };
}

/** AWS said no, or could not be asked. */
function explainAws(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === 'Region is missing')
    return 'AWS: no region; set AWS_REGION, or AWS_PROFILE to a profile that has one';
  if (error.name === 'CredentialsProviderError')
    return `AWS: no credentials (${error.message}); set AWS_PROFILE to a profile that has some, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  if (!('$metadata' in error)) return undefined;
  if ('code' in error && error.code === 'ENOTFOUND')
    return `AWS: ${error.message}; either AWS_REGION, or the region of AWS_PROFILE, is not one of AWS, or this machine has no way to AWS`;
  const noStack = error.name === 'ValidationError' && error.message.endsWith('does not exist');
  const advice = noStack ? '; --stack names another one, and AWS_REGION the region that is looked in' : '';
  return `AWS: ${error.name}: ${error.message}${advice}`;
}
