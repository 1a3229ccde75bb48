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
    ['3\n', true],
    [' 3 \n', true],
    ['2\n', false],
    ['y\n', false],
    ['\n', false],
    ['', false],
  ])('takes %j for %s when there are three threads', async (typed, isConfirmed) => {
    expect(await confirm(3, terminal(typed))).toBe(isConfirmed);
  });

  it('is refused where nobody can answer', async () => {
    await expect(confirm(3, terminal('3\n', false))).rejects.toThrow(UsageError);
  });
});
