import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../../cli/erase/confirm.ts';
import { UsageError } from '../../../local/command-line.ts';

function terminal(typed: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  input.end(typed);
  return { input, output: new PassThrough() };
}

describe('asking before an erasure', () => {
  it.each([
    ['yes\n3\n', true],
    [' yes \n 3 \n', true],
    ['yes\n2\n', false],
    ['yes\nyes\n', false],
    ['yes\n', false],
    ['y\n3\n', false],
    ['3\n3\n', false],
    ['3\n', false],
    ['\n', false],
    ['', false],
  ])('takes %j for %s when there are three threads', async (typed, isConfirmed) => {
    expect(await confirm(3, terminal(typed))).toBe(isConfirmed);
  });

  it('goes no further when the first answer is no', async () => {
    const asked = terminal('no\n3\n');

    await confirm(3, asked);

    expect(String(asked.output.read())).not.toContain('number of threads');
  });

  it('is refused where nobody can answer', async () => {
    await expect(confirm(3, terminal('3\n', false))).rejects.toThrow(UsageError);
  });
});
