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

/** The same, and its exit code, whatever that is. Rejects when it prints nothing: then it could not do what it was asked. */
export async function tryScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; code: number }> {
  try {
    return { stdout: await runScript(script, args, env), code: 0 };
  } catch (error) {
    const { stdout, code } = error as { stdout: string; code: number };
    if (stdout === '') throw error;
    return { stdout, code };
  }
}
