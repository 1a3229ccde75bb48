import { describe, expect, it } from 'vitest';
import { type DeadLetter } from '../../../cli/dead-letters/dead-letter.ts';
import {
  describeAge,
  describeLetters,
  lettersAsJson,
  NO_REASON,
} from '../../../cli/dead-letters/describe.ts';
import { queuedThread } from '../../support/queue-record.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const fault = {
  reason: 'HubSpotError: HubSpot answered 400',
  errorClass: 'HubSpotError',
  status: 400,
  requestId: '5f0c1d9e',
  receiveCount: 10,
};
const LETTERS: DeadLetter[] = [
  {
    recordId: 'c',
    thread: undefined,
    reason: undefined,
    fault: undefined,
    tries: undefined,
    keptSince: NOW - 5_000,
  },
  {
    recordId: 'a',
    thread: queuedThread({ threadId: '6065362089', occurredAt: NOW - 90_000_000 }),
    reason: fault.reason,
    fault,
    tries: 10,
    keptSince: NOW - 7_200_000,
  },
];

describe('dead letters', () => {
  it('are a table, the oldest first', () => {
    expect(describeLetters(LETTERS, NOW).split('\n')).toEqual([
      'thread      portal  age  tries  status  request id  reason',
      `----------  ------  ---  -----  ------  ----------  ${'-'.repeat(NO_REASON.length)}`,
      '6065362089  62515   2 h  10     400     5f0c1d9e    HubSpotError: HubSpot answered 400',
      `none        none    5 s  ?      -       -           ${NO_REASON}`,
    ]);
  });

  it('are a line when there are none', () => {
    expect(describeLetters([], NOW)).toBe('no dead letters');
  });

  it('are JSON for other programs', () => {
    expect(JSON.parse(lettersAsJson(LETTERS))).toEqual([
      {
        threadId: '6065362089',
        portalId: '62515',
        reason: fault.reason,
        errorClass: 'HubSpotError',
        status: 400,
        requestId: '5f0c1d9e',
        tries: 10,
        keptSince: '2026-11-23T10:00:00.000Z',
        occurredAt: '2026-11-22T11:00:00.000Z',
      },
      {
        threadId: null,
        portalId: null,
        reason: NO_REASON,
        errorClass: null,
        status: null,
        requestId: null,
        tries: null,
        keptSince: '2026-11-23T11:59:55.000Z',
        occurredAt: null,
      },
    ]);
  });

  it.each([
    [-1_000, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [172_799_999, '47 h'],
    [172_800_000, '2 d'],
  ])('of %i ms are %s old', (ms, age) => {
    expect(describeAge(ms)).toBe(age);
  });
});
