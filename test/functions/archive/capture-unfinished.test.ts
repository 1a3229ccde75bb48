import { describe, expect, it } from 'vitest';
import { daysOf, decodeCheckpoint, widen } from '../../../functions/archive/checkpoint.ts';
import { HubSpotError } from '../../../functions/errors.ts';
import { captureSetUp, NOON, part, RECORD } from '../../support/capture.ts';
import { hubSpotMessage, THREAD } from '../../support/conversation.ts';

/** A thread of one message a page, and captures that have time for so many pages. */
function setUp() {
  const { archive, hubSpot, capture } = captureSetUp();
  hubSpot.pageSize = 1;
  const captureFor = (pages: number, announced = {}) => {
    let left = pages;
    return capture({
      ...THREAD,
      announced: { messageIds: [], occurredAt: 0, firstTry: false, ...announced },
      requestId: 'request-1',
      hasTime: () => --left > 0,
    });
  };
  return { archive, hubSpot, captureFor };
}

describe('a thread that is longer than one invocation', () => {
  it('is gone on with by the next one, and called complete only by the last', async () => {
    const { archive, captureFor } = setUp();
    const seen = [];

    for (const pages of [1, 1, 9]) {
      const { status, pages: read } = await captureFor(pages);
      const { complete, message_count, parts } = archive.record(RECORD);
      seen.push({ status, read, complete, messages: message_count, days: parts.map((each) => each.dt) });
    }

    expect(seen).toEqual([
      { status: 'unfinished', read: 1, complete: false, messages: 1, days: ['2026-01-31'] },
      { status: 'unfinished', read: 2, complete: false, messages: 2, days: ['2026-01-31'] },
      { status: 'archived', read: 3, complete: true, messages: 3, days: ['2026-01-31', '2026-02-01'] },
    ]);
    expect(archive.record(RECORD)).toMatchObject({
      checkpoint: null,
      // One fetch, however many invocations it takes.
      fetch_started_at: '2026-02-02 12:00:01.000',
      first_message_at: '2026-01-31 10:00:00.000',
      last_message_at: '2026-02-01 00:00:00.000',
    });
  });

  it('reads a page in each invocation, even when there is no time at all', async () => {
    const { captureFor } = setUp();

    expect((await captureFor(0)).pages).toBe(1);
    expect((await captureFor(0)).pages).toBe(2);
    expect((await captureFor(0)).status).toBe('archived');
  });

  it('has only that marked as removed which none of its invocations found', async () => {
    const { archive, hubSpot, captureFor } = setUp();
    await captureFor(9);
    hubSpot.messages = hubSpot.messages.filter(({ id }) => id !== 'm2');

    expect((await captureFor(1)).status).toBe('unfinished');
    expect(archive.rows(part('2026-01-31')).map((row) => row.removed_at)).toEqual([null, null]);
    expect((await captureFor(9)).status).toBe('archived');

    const rows = [...archive.rows(part('2026-01-31')), ...archive.rows(part('2026-02-01'))];
    expect(rows.map((row) => [row.message_id, row.removed_at !== null])).toEqual([
      ['m1', false],
      ['m2', true],
      ['m3', false],
    ]);
  });

  it('is fetched once more for events that happened after its fetch had begun', async () => {
    const { archive, captureFor } = setUp();
    await captureFor(1);

    const later = { occurredAt: Date.parse('2026-02-02T12:00:30Z') };

    expect((await captureFor(9, later)).status).toBe('unfinished');
    expect(archive.record(RECORD).complete).toBe(true);
    expect((await captureFor(9, later)).status).toBe('archived');
  });

  it('does not wait for a message that an earlier invocation has archived', async () => {
    const { captureFor } = setUp();
    await captureFor(2);

    const outcome = await captureFor(9, { messageIds: ['m1', 'm9'] });

    expect(outcome.unseenMessageIds).toEqual(['m9']);
  });

  it('is read from its beginning when HubSpot knows the cursor no more', async () => {
    const { archive, hubSpot, captureFor } = setUp();
    await captureFor(1);
    const before = archive.record(RECORD).fetch_started_at;
    hubSpot.refuses = (from) =>
      from === undefined ? undefined : new HubSpotError('no such cursor', { status: 400 });

    const { status, pages } = await captureFor(9);

    expect({ status, pages }).toEqual({ status: 'archived', pages: 3 });
    expect(archive.record(RECORD).fetch_started_at).not.toBe(before);
  });

  it.each([
    ['HubSpot is down', new HubSpotError('down', { status: 503, transient: true })],
    ['the token is refused', new HubSpotError('token', { status: 401 })],
  ])('keeps its place when %s', async (_, error) => {
    const { archive, hubSpot, captureFor } = setUp();
    await captureFor(1);
    const before = archive.record(RECORD);
    hubSpot.refuses = () => error;

    await expect(captureFor(9)).rejects.toBe(error);

    expect(archive.record(RECORD)).toEqual(before);
  });
});

describe('a capture that is cut off', () => {
  /** Kills a capture after it has written the parts, and before the record. */
  async function cutOff({ archive, captureFor }: Pick<ReturnType<typeof setUp>, 'archive' | 'captureFor'>) {
    const { put } = archive.store;
    let records = 0;
    archive.store.put = (request) =>
      request.key === RECORD && ++records > 1 ? Promise.reject(new Error('killed')) : put(request);
    await expect(captureFor(9)).rejects.toThrow('killed');
    archive.store.put = put;
  }

  it('has noted the days before it began a part of them, so that the next one finds what HubSpot shows no more', async () => {
    const { archive, hubSpot, captureFor } = setUp();
    await cutOff({ archive, captureFor });
    const { complete, checkpoint, parts } = archive.record(RECORD);
    expect({ complete, parts }).toEqual({ complete: false, parts: [] });
    expect(decodeCheckpoint(checkpoint ?? '')).toEqual({
      newDays: { first: '2026-01-31', last: '2026-02-02', since: '2026-02-02 12:00:01.000' },
    });
    hubSpot.messages = [hubSpotMessage('m4', '2026-02-02T08:00:00Z')];

    await captureFor(9);

    expect(archive.record(RECORD).parts.map((each) => each.dt)).toEqual([
      '2026-01-31',
      '2026-02-01',
      '2026-02-02',
    ]);
    expect(archive.rows(part('2026-02-01'))[0]?.removed_at).toBe('2026-02-02 12:00:02.000');
    expect(archive.record(RECORD)).toMatchObject({ complete: true, message_count: 4 });
  });

  it.each([
    ['stays noted for as long as it may only have been slow', 59, true],
    ['is forgotten when it must have ended', 60, false],
  ])('%s: after %i minutes', async (_, minutes, isNoted) => {
    const { archive, hubSpot, captureFor } = setUp();
    hubSpot.answeredAt = () => NOON;
    await cutOff({ archive, captureFor });
    hubSpot.answeredAt = () => NOON + minutes * 60_000;

    await captureFor(9);

    expect(archive.record(RECORD).complete).toBe(true);
    expect(archive.record(RECORD).checkpoint !== null).toBe(isNoted);
  });

  it('has its note renewed by another one that begins a day', async () => {
    const { archive, hubSpot, captureFor } = setUp();
    hubSpot.answeredAt = () => NOON;
    await cutOff({ archive, captureFor });
    hubSpot.answeredAt = () => NOON + 30 * 60_000;
    hubSpot.messages.push(hubSpotMessage('m4', '2026-02-02T08:00:00Z'));

    await cutOff({ archive, captureFor });

    expect(decodeCheckpoint(archive.record(RECORD).checkpoint ?? '').newDays?.since).toBe(
      '2026-02-02 12:30:00.000',
    );
  });

  it('leaves parts that are found even when HubSpot has the thread no more', async () => {
    const { archive, hubSpot, captureFor } = setUp();
    await cutOff({ archive, captureFor });
    hubSpot.thread = undefined;

    expect((await captureFor(9)).status).toBe('gone');

    expect(archive.record(RECORD)).toMatchObject({ complete: true, message_count: 3 });
    expect(archive.record(RECORD).parts.map((each) => each.dt)).toEqual(['2026-01-31', '2026-02-01']);
  });
});

describe('a range of days', () => {
  it('grows to hold another day, and lists every day in it', () => {
    const since = '2026-03-01 12:00:00.000';
    const range = widen(undefined, { days: ['2026-02-27', '2026-03-01'], since });

    expect(widen(range, { days: ['2026-02-28'], since })).toEqual(range);
    expect(daysOf(widen(range, { days: ['2026-02-26'], since }))).toEqual([
      ...['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01'],
    ]);
    expect(daysOf(undefined)).toEqual([]);
  });
});
