import { describe, expect, it } from 'vitest';
import { readRequest } from '../../../cli/query/options.ts';
import { UsageError } from '../../../local/command-line.ts';

const read = (...args: string[]) => readRequest([...args, 'SELECT 1'], 'npm run query');
const SELECT = { sql: 'SELECT 1', copy: false, format: 'table' };

describe('the command line of npm run query', () => {
  it('asks the stack for SQL unless it names another, or a folder', () => {
    expect(read()).toEqual({ ...SELECT, place: { stack: 'ThreadvaultQuery' } });
    expect(read('--stack', 'Mine')).toEqual({ ...SELECT, place: { stack: 'Mine' } });
    expect(read('--folder', './archive')).toEqual({ ...SELECT, place: { folder: './archive' } });
  });

  it('asks the copy of a stack', () => {
    expect(read('--copy')).toEqual({ ...SELECT, place: { stack: 'ThreadvaultQuery' }, copy: true });
  });

  it.each([
    [['--stack', 'a', '--folder', 'b'], 'of --stack and --folder only one can be given'],
    [['--stack', 'no_name'], '--stack is "no_name", but takes the name of a CloudFormation stack'],
    [['--folder', ''], '--folder is "", but takes a path'],
    [['--folder', 'b', '--copy'], '--copy is for a stack: a folder has no copy'],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrow(new UsageError(message));
  });
});
