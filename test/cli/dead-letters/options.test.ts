import { describe, expect, it } from 'vitest';
import { parseDeadLettersCommand } from '../../../cli/dead-letters/options.ts';
import { UsageError } from '../../../local/command-line.ts';

const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/1/q';
const parse = (line: string) => parseDeadLettersCommand(line === '' ? [] : line.split(' '));

describe('the command line of npm run dead-letters', () => {
  it.each([
    ['list', { name: 'list', place: { stack: 'Threadvault' }, json: false }],
    ['list --json --stack Mine', { name: 'list', place: { stack: 'Mine' }, json: true }],
    ['list --folder ./archive', { name: 'list', place: { folder: './archive' }, json: false }],
    ['list --queue-url ' + QUEUE, { name: 'list', place: { deadLetterQueueUrl: QUEUE }, json: false }],
    ['redrive --all', { name: 'redrive', place: { stack: 'Threadvault' }, thread: undefined, perSecond: 10 }],
    [
      `redrive --thread 62515/7 --per-second 1 --queue-url ${QUEUE} --thread-queue-url ${QUEUE}2`,
      {
        name: 'redrive',
        place: { deadLetterQueueUrl: QUEUE, threadQueueUrl: `${QUEUE}2` },
        thread: '62515/7',
        perSecond: 1,
      },
    ],
    ['--help', 'help'],
    ['list --help', 'help'],
    ['redrive --help', 'help'],
  ])('takes %j', (line, command) => {
    expect(parse(line)).toEqual(command);
  });

  it.each([
    ['', 'is told nothing, but takes list or redrive'],
    ['drop', 'is told "drop", but takes list or redrive'],
    ['list --all', "Unknown option '--all'"],
    ['list --stack 1x', '--stack is "1x", but takes the name of a CloudFormation stack'],
    ['list --queue-url threads', '--queue-url is "threads", but takes the URL of an SQS queue'],
    ['list --stack A --folder b', 'of --stack, --queue-url and --folder only one can be given'],
    ['redrive', 'redrive takes one of --all and --thread PORTAL/THREAD'],
    ['redrive --all --thread 1/7', 'redrive takes one of --all and --thread PORTAL/THREAD'],
    ['redrive --thread 7', '--thread is "7", but takes the ids of an account and a thread'],
    ['redrive --all --per-second 0', '--per-second is "0", but takes a whole number from 1 to 100'],
    ['redrive --all --per-second 101', '--per-second is "101", but takes a whole number from 1 to 100'],
    ['redrive --all --json', "Unknown option '--json'"],
    [`redrive --all --queue-url ${QUEUE}`, 'redrive from --queue-url takes --thread-queue-url too'],
    [`redrive --all --thread-queue-url ${QUEUE}`, '--thread-queue-url goes with --queue-url only'],
  ])('refuses %j, saying what is allowed', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
