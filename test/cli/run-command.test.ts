import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Runs a command that says more than a pipe holds, and then something on stderr. */
function talk(stdout: 'pipe' | number) {
  const run = new URL('../../cli/run-command.ts', import.meta.url).href;
  const program = `
    import { runCommand } from ${JSON.stringify(run)};
    await runCommand(async () => {
      process.stdout.write('x'.repeat(1_000_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.stdout.write('more');
      process.stderr.write('at the end\\n');
      return 0;
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stderr });
    });
  });
  return { child, ended };
}

describe('a command', () => {
  it('does its work to the end when nobody reads what it says', async () => {
    const { child, ended } = talk('pipe');

    child.stdout?.once('data', () => child.stdout?.destroy());

    expect(await ended).toEqual({ code: 0, stderr: 'at the end\n' });
  });

  it.runIf(existsSync('/dev/full'))('ends with 1 when the disk is full under its output', async () => {
    const { ended } = talk(openSync('/dev/full', 'w'));

    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain('the output cannot be written (ENOSPC)\n');
    expect(stderr).toContain('at the end\n');
  });
});
