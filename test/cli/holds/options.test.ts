import { describe, expect, it } from 'vitest';
import { parseEraseCommand } from '../../../cli/erase/options.ts';
import { parseHoldCommand } from '../../../cli/holds/options.ts';
import { UsageError } from '../../../local/command-line.ts';

const words = (line: string) => (line === '' ? [] : line.split(' '));
const THREADS = [
  { portalId: '62515', threadId: '1' },
  { portalId: '62515', threadId: '2' },
];
const place = { stack: 'Threadvault' };
const none = { threads: undefined, contact: undefined, ofCase: undefined };

describe('the command line of npm run hold', () => {
  it.each([
    ['list', { name: 'list', place, json: false }],
    ['list --json --folder a', { name: 'list', place: { folder: 'a' }, json: true }],
    [
      'add --thread 62515/1,62515/2 --reason why',
      { name: 'add', place, target: { ...none, threads: THREADS }, caseName: 'general', reason: 'why' },
    ],
    [
      'add --contact 7 --case audit --reason why',
      { name: 'add', place, target: { ...none, contact: '7' }, caseName: 'audit', reason: 'why' },
    ],
    [
      'remove --case audit --reason why',
      { name: 'remove', place, target: { ...none, ofCase: 'audit' }, caseName: 'audit', reason: 'why' },
    ],
    ['--help', 'help'],
    ['add --help', 'help'],
    ['list --help', 'help'],
  ])('takes %j', (line, command) => {
    expect(parseHoldCommand(words(line))).toEqual(command);
  });

  it.each([
    ['', 'is told nothing, but takes add, remove or list'],
    ['drop', 'is told "drop", but takes add, remove or list'],
    ['add --thread 62515/1', '--reason is missing'],
    ['add --reason why', 'add takes --thread PORTAL/THREAD or --contact ID'],
    ['add --case audit --reason why', 'add takes --thread PORTAL/THREAD or --contact ID'],
    ['remove --reason why', 'remove takes --thread PORTAL/THREAD, --contact ID or --case NAME'],
    ['add --thread 7 --reason why', '--thread is "7", but takes ids of accounts and threads'],
    ['add --thread 1/../2 --reason why', '--thread is "1/../2", but takes'],
    ['add --thread 1/7 --contact 3 --reason why', 'of --thread and --contact only one can be given'],
    ['add --thread 1/7 --case a/b --reason why', '--case is "a/b", but takes the name of a case'],
    ['list --stack A --folder b', 'of --stack and --folder only one can be given'],
  ])('refuses %j, saying what is allowed', (line, message) => {
    expect(() => parseHoldCommand(words(line))).toThrow(UsageError);
    expect(() => parseHoldCommand(words(line))).toThrow(message);
  });
});

describe('the command line of npm run erase', () => {
  it.each([
    [
      '--thread 62515/1,62515/2 --reason why',
      { place, choice: { threads: THREADS }, reason: 'why', isConfirmed: false },
    ],
    [
      '--contact 7 --reason why --yes --folder a',
      { place: { folder: 'a' }, choice: { contact: '7' }, reason: 'why', isConfirmed: true },
    ],
    ['--help', 'help'],
  ])('takes %j', (line, command) => {
    expect(parseEraseCommand(words(line))).toEqual(command);
  });

  it.each([
    ['--thread 62515/1', '--reason is missing'],
    ['--reason why', 'erase takes one of --thread PORTAL/THREAD and --contact ID'],
    ['--thread 1/7 --contact 3 --reason why', 'erase takes one of --thread PORTAL/THREAD and --contact ID'],
  ])('refuses %j, saying what is allowed', (line, message) => {
    expect(() => parseEraseCommand(words(line))).toThrow(UsageError);
    expect(() => parseEraseCommand(words(line))).toThrow(message);
  });
});
