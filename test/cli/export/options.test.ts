import { describe, expect, it } from 'vitest';
import { parseExportCommand } from '../../../cli/export/options.ts';
import { UsageError } from '../../../local/command-line.ts';
import { command } from './archive.ts';

const parse = (line: string) => parseExportCommand(line === '' ? [] : line.split(' '));
const stack = { place: { stack: 'Threadvault' } };
const thread = (threadId: string) => ({ portalId: '62515', threadId });

describe('the command line of npm run export', () => {
  it.each([
    ['--thread 62515/7 --to out', command({ ...stack, threads: [thread('7')] })],
    ['--thread 62515/7,62515/8,62515/7 --to out', command({ ...stack, threads: [thread('7'), thread('8')] })],
    ['--contact 9 --folder archive --to out', command({ threads: undefined, contact: '9' })],
    [
      '--since 2026-02-01 --until 2026-02-01 --whole-threads --zone Europe/Berlin --folder archive --to out',
      command({
        threads: undefined,
        since: '2026-02-01',
        until: '2026-02-01',
        wholeThreads: true,
        zone: 'Europe/Berlin',
      }),
    ],
    ['--contact 9 --format zip --to out', command({ ...stack, threads: undefined, contact: '9', zip: true })],
    [
      '--contact 9 --format eml,zip,json --to out',
      command({ ...stack, threads: undefined, contact: '9', zip: true, contents: ['json', 'eml'] }),
    ],
    [
      '--contact 9 --case A --reason B --requested-by C --to out',
      command({ ...stack, threads: undefined, contact: '9', caseName: 'A', reason: 'B', requestedBy: 'C' }),
    ],
    ['--help', 'help'],
  ])('takes %j', (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it.each([
    ['--to out', 'what is to be exported is said by --thread, --contact, --since or --until'],
    ['--contact 9', '--to is missing; it takes a path where nothing is yet'],
    ['--thread 7 --to out', '--thread is "7", but takes ids of accounts and threads'],
    ['--thread 62515/.. --to out', '--thread is "62515/..", but takes ids of accounts and threads'],
    ['--thread 62515/7, --to out', '--thread is "62515/7,", but takes ids of accounts and threads'],
    ['--since 2026-02-30 --to out', '--since is "2026-02-30", but takes a day, YYYY-MM-DD'],
    ['--since 2026-02-02 --until 2026-02-01 --to out', '--since is after --until'],
    ['--contact 9 --zone Berlin --to out', '--zone is "Berlin", but takes a time zone'],
    ['--contact 9 --format pdf --to out', '--format is "pdf", but takes json, html, eml and zip'],
    ['--contact 9 --stack A --folder b --to out', 'of --stack and --folder only one can be given'],
  ])('refuses %j, saying what is allowed', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
