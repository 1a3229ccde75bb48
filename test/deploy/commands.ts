import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * What one of the project's commands prints, run as a user runs it: `npm run <script> -- <args>`, with nothing to go by but the
 * environment. Rejects when its exit code is not 0.
 * @param env variables besides those of this process
 */
export async function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const npm = ['run', '--silent', script, '--', ...args];
  return (await promisify(execFile)('npm', npm, { env: { ...process.env, ...env } })).stdout;
}
