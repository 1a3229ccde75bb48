import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault } from '../../../local/simulated-hubspot/faults.ts';
import { contentsSetUp } from '../../support/contents.ts';

let set: Awaited<ReturnType<typeof contentsSetUp>>;
beforeEach(async () => {
  set = await contentsSetUp();
});
afterEach(() => set[Symbol.asyncDispose]());

const CUT = { truncationStatus: 'TRUNCATED' };
const DOWN: Fault = { kind: 'status', status: 503 };

/** A capture that has time for so many originals or files, besides what it must do to make progress. */
function captureFor(turns: number, request: Parameters<typeof set.capture>[0] = {}) {
  let left = turns;
  return set.capture({ ...request, hasTime: () => left-- > 0 });
}

const originals = () => set.rows().filter((row) => row.original_text !== null).length;
const notYet = () => set.record().gaps.filter((gap) => gap.reason === 'not yet').length;

describe('originals that there is no time for', () => {
  it('are left to the captures that follow, which do not read the history again', async () => {
    for (let day = 1; day <= 3; day++) set.say(day, CUT);
    const seen = [];

    for (const turns of [1, 0, 0, 0]) {
      const { status } = await captureFor(turns);
      const { complete, fetch_started_at } = set.record();
      const listed = set.takeCalls().filter((call) => call === 'list').length;
      seen.push({ status, complete, fetch_started_at, originals: originals(), notYet: notYet(), listed });
    }

    // One fetch, however many captures it takes. The thread itself is asked for each time, its messages once.
    const fetch_started_at = '2026-02-02 12:00:01.000';
    const unfinished = { status: 'unfinished', complete: false, fetch_started_at };
    expect(seen).toEqual([
      { ...unfinished, originals: 1, notYet: 2, listed: 2 },
      { ...unfinished, originals: 2, notYet: 1, listed: 1 },
      { status: 'archived', complete: true, fetch_started_at, originals: 3, notYet: 0, listed: 1 },
      {
        status: 'archived',
        complete: true,
        fetch_started_at: '2026-02-02 12:00:04.000',
        originals: 3,
        notYet: 0,
        listed: 2,
      },
    ]);
  });

  it('are fetched one in each capture, even when there is no time at all', async () => {
    for (let n = 0; n < 3; n++) set.say(1, CUT);
    const seen = [];

    do {
      seen.push((await captureFor(0)).status);
    } while (seen.at(-1) === 'unfinished');

    expect(seen).toEqual(['unfinished', 'unfinished', 'unfinished', 'archived']);
    expect(originals()).toBe(3);
    expect(set.takeCalls().filter((call) => call.startsWith('original'))).toHaveLength(3);
  });

  it('of pages that were read before are fetched when the last page is read', async () => {
    for (let day = 1; day <= 4; day++) set.say(day, CUT);
    set.state.pageSize = 1;

    const statuses = [];
    for (let n = 0; n < 8; n++) statuses.push((await captureFor(0)).status);

    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 'unfinished'), 'archived']);
    expect(originals()).toBe(4);
    expect(set.record()).toMatchObject({
      complete: true,
      checkpoint: null,
      gaps: [],
      pages: 4,
      message_count: 4,
    });
    const calls = set.takeCalls();
    // The thread eight times; each page once, and once more when a capture ended before it; each original once.
    expect(calls.filter((call) => call === 'list')).toHaveLength(8 + 4 + 3);
    expect(calls).toHaveLength(8 + 4 + 3 + 4);
  });

  it('do not hold up an event that came later: it gets a fetch of its own', async () => {
    set.say(1, CUT);
    await captureFor(0);
    const message = set.say(2);
    const announced = { messageIds: [message], occurredAt: set.state.now + 1, firstTry: true };

    const finished = await set.capture({ announced });
    const fetched = await set.capture({ announced });

    expect([finished.status, fetched.status]).toEqual(['unfinished', 'archived']);
    expect(originals()).toBe(1);
    expect(set.row(message).text).toBe('text of 2');
  });

  it('are promised, whatever an event says that a fetch has seen', async () => {
    set.say(1, CUT);
    await captureFor(0);

    const { status } = await set.capture({ announced: { messageIds: [], occurredAt: 0, firstTry: true } });

    expect(status).toBe('archived');
    expect(originals()).toBe(1);
  });

  it('and that HubSpot does not give just then end the fetch, so that the next one reads the history again', async () => {
    set.say(1, CUT);
    await captureFor(0);
    set.faults.next(4, DOWN, /original-content$/);

    await expect(set.capture()).rejects.toThrow('503');

    expect(set.record()).toMatchObject({ complete: true, checkpoint: null });
    expect(notYet()).toBe(1);
    set.takeCalls();
    await set.capture();
    expect(set.takeCalls().filter((call) => call === 'list')).toHaveLength(2);
    expect(originals()).toBe(1);
  });
});

describe('a file', () => {
  const withTime = (ms: number) => set.capture({ hasTime: (needed = 30_000) => needed <= ms });

  it('is begun with little time left, but then has to be quick', async () => {
    const message = set.say(1, { attachments: [set.file('141')] });
    set.faults.next(1, { kind: 'stalled' }, /^\/signed-url/);
    const real = AbortSignal.timeout.bind(AbortSignal);
    const limits: number[] = [];
    AbortSignal.timeout = (ms) => {
      limits.push(ms);
      return real(ms === 20_000 || ms === 120_000 ? 100 : ms);
    };

    try {
      await expect(withTime(40_000)).rejects.toMatchObject({ name: 'HubSpotError', transient: true });
      await withTime(200_000);
    } finally {
      AbortSignal.timeout = real;
    }

    // Calls of the API have 20 s too.
    expect(limits.at(-1)).toBe(120_000);
    expect(limits.slice(0, -1)).not.toContain(120_000);
    expect(set.row(message).attachments[0]?.bytes).toBe(500);
  });

  it('that was given up is not begun without time, and stays given up', async () => {
    const attachment = set.file('141');
    set.world.files.delete('141');
    set.say(1, { attachments: [attachment] });
    await set.capture();
    set.state.now += 24 * 3_600_000;
    set.takeCalls();

    const { status } = await captureFor(0);

    expect(status).toBe('archived');
    expect(set.takeCalls()).toEqual(['list', 'list']);
    expect(set.record().gaps).toMatchObject([{ reason: 'not found', noted_at: '2026-02-02 12:00:01.000' }]);
  });
});
