import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '../../../local/demo/options.ts';

describe('the options of npm start', () => {
  it('all have a default', () => {
    expect(parseDemoOptions([])).toEqual({
      threads: 300,
      seconds: 15,
      seed: expect.any(Number),
      port: 8787,
      folder: './archive',
    });
  });

  it('are taken from the command line', () => {
    const args = ['--threads', '5', '--seconds=2', '--seed', '0', '--port', '0', '--folder', 'x y'];

    expect(parseDemoOptions(args)).toEqual({ threads: 5, seconds: 2, seed: 0, port: 0, folder: 'x y' });
  });

  it('include a call for help', () => {
    expect(parseDemoOptions(['--threads', 'x', '--help'])).toBe('help');
  });

  it.each([
    [['--threads', '0'], '--threads is "0", but takes a whole number from 1 to 5000'],
    [['--threads', '1e3'], '--threads is "1e3", but takes a whole number from 1 to 5000'],
    [['--seconds', '601'], '--seconds is "601", but takes a whole number from 1 to 600'],
    [['--port', '65536'], '--port is "65536", but takes a whole number from 0 to 65535'],
    [['--seed=-1'], '--seed is "-1", but takes a whole number from 0 to 999999999'],
    [['--folder', ''], '--folder is "", but takes a path'],
    [
      ['--threads', '-1'],
      "Option '--threads' needs a value; one that begins with a dash goes after =, as in --name=-1; see",
    ],
    [['--thread', '5'], "Unknown option '--thread'"],
    [['5'], "Unexpected argument '5'"],
  ])('%j are refused, saying what is allowed', (args, message) => {
    expect(() => parseDemoOptions(args)).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining(message) }),
    );
  });
});
