import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editMessage, removeMessage } from '../../../local/simulated-hubspot/changes.ts';
import { type Fault } from '../../../local/simulated-hubspot/faults.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { contentsSetUp, HOUR_MS } from '../../support/contents.ts';

let set: Awaited<ReturnType<typeof contentsSetUp>>;
beforeEach(async () => {
  set = await contentsSetUp();
});
afterEach(() => set[Symbol.asyncDispose]());

const CUT = { truncationStatus: 'TRUNCATED' };
const DOWN: Fault = { kind: 'status', status: 503 };
const FIRST = '2026-02-02 12:00:01.000';
// Calls that fail are made four times.
const ALL_TRIES = 4;

/** Gaps without their ids: what is lacking, why, and since when. */
const gaps = () => set.record().gaps.map(({ kind, reason, noted_at }) => `${kind}: ${reason}, ${noted_at}`);
const bytesOf = (message: string) => set.row(message).attachments.map((each) => each.bytes);

/** A message with a file whose bytes HubSpot does not give. */
function sayWithoutBytes(): string {
  const attachment = set.file('141');
  set.world.files.delete('141');
  return set.say(1, { attachments: [attachment] });
}

describe('what HubSpot refuses', () => {
  it('keeps nothing else from being archived, and is noted as a gap', async () => {
    const cut = set.say(1, CUT);
    const message = sayWithoutBytes();

    const outcome = await set.capture();

    expect(outcome).toMatchObject({ status: 'archived', messages: 2 });
    expect(outcome.enriched).toEqual({ originals: 1, files: 0, bytes: 0, gaps: 1, missingScopes: 0 });
    expect(set.record()).toMatchObject({
      complete: true,
      gaps: [
        {
          dt: '2026-01-01',
          message_id: message,
          file_id: '141',
          kind: 'attachment',
          reason: 'not found',
          noted_at: FIRST,
        },
      ],
    });
    expect(set.row(cut).original_text).not.toBeNull();
    expect(set.row(message).attachments[0]).toMatchObject({ file_id: '141', archive_key: null, bytes: null });
  });

  it.each([
    ['a missing scope', 'missing scope', { kind: 'status', status: 403 }, /signed-url$/, 1],
    ['another refusal', 'refused', { kind: 'status', status: 400 }, /signed-url$/, 0],
    ['a login page', 'login page', { kind: 'status', status: 200, html: true }, /^\/signed-url/, 0],
    ['a file that is gone', 'not found', { kind: 'status', status: 410 }, /^\/signed-url/, 0],
  ] as const)('because of %s is noted so, and counted', async (_, reason, fault, path, missingScopes) => {
    const message = set.say(1, { attachments: [set.file('141')] });
    set.faults.next(1, fault, path);

    const { enriched } = await set.capture();

    expect(gaps()).toEqual([`attachment: ${reason}, ${FIRST}`]);
    expect(enriched).toMatchObject({ files: 0, gaps: 1, missingScopes });
    expect(bytesOf(message)).toEqual([null]);
    expect(set.archive.keys().filter((key) => key.startsWith('attachments/'))).toEqual([]);
  });

  it('because it is too large is noted so, and fetched when more is allowed', async () => {
    const message = set.say(1, { attachments: [set.file('141', 2_000)] });
    set.state.maxBytes = 1_999;
    await set.capture();
    expect(gaps()).toEqual([`attachment: too large, ${FIRST}`]);

    set.state.maxBytes = 2_000;
    set.state.now += 24 * HOUR_MS;
    await set.capture();

    expect(gaps()).toEqual([]);
    expect(bytesOf(message)).toEqual([2_000]);
  });

  it('is not asked for again within a day, and once a day after that', async () => {
    sayWithoutBytes();
    await set.capture();
    set.state.now += 24 * HOUR_MS - 2_000;
    set.takeCalls();

    const { enriched } = await set.capture();
    expect(set.takeCalls()).toEqual(['list', 'list']);
    expect(enriched).toBeUndefined();

    const again = await set.capture();
    expect(set.takeCalls()).toEqual(['list', 'list', 'file 141']);
    expect(again.enriched).toMatchObject({ gaps: 1 });
    expect(gaps()).toEqual(['attachment: not found, 2026-02-03 12:00:01.000']);

    await set.capture();
    expect(set.takeCalls()).toEqual(['list', 'list']);
  });

  it('and then gives leaves the list', async () => {
    const message = sayWithoutBytes();
    await set.capture();
    set.file('141');
    set.state.now += 24 * HOUR_MS;

    const { enriched, partsWritten } = await set.capture();

    expect(gaps()).toEqual([]);
    expect(bytesOf(message)).toEqual([500]);
    expect(enriched).toMatchObject({ files: 1, gaps: 0 });
    expect(partsWritten).toBe(1);
  });

  it('and then is no longer attached leaves the list', async () => {
    const message = sayWithoutBytes();
    await set.capture();
    editMessage(set.world, set.threadId, message, { attachments: [] });

    await set.capture();

    expect(gaps()).toEqual([]);
  });

  it('stays on the list when its message is gone, and is tried all the same', async () => {
    const message = sayWithoutBytes();
    await set.capture();
    removeMessage(set.world, set.threadId, message);
    await set.capture();
    expect(gaps()).toEqual([`attachment: not found, ${FIRST}`]);

    set.file('141');
    set.state.now += 24 * HOUR_MS;
    await set.capture();

    expect(gaps()).toEqual([]);
    expect(set.row(message)).toMatchObject({ attachments: [{ bytes: 500 }] });
  });

  it('stays on the list when HubSpot has the thread no more, and is tried all the same', async () => {
    const message = sayWithoutBytes();
    await set.capture();
    const thread = set.world.threads.get(set.threadId)!;
    set.world.threads.delete(set.threadId);
    set.file('141');
    set.state.now += 24 * HOUR_MS;

    const outcome = await set.capture();

    expect(outcome.status).toBe('gone');
    expect(bytesOf(message)).toEqual([500]);
    expect(gaps()).toEqual([]);
    expect(thread.entries.size).toBe(1);
  });
});

describe("what HubSpot's trouble of the moment keeps back", () => {
  it('leaves everything else archived, is noted as not there yet, and fails the capture', async () => {
    const cut = set.say(1, CUT);
    const message = set.say(1, { attachments: [set.file('141')] });
    set.faults.next(ALL_TRIES, DOWN, /original-content$/);

    await expect(set.capture()).rejects.toMatchObject({ name: 'HubSpotError', status: 503, transient: true });

    expect(gaps()).toEqual([`original: not yet, ${FIRST}`]);
    expect(set.record()).toMatchObject({ complete: true, message_count: 2 });
    expect(set.row(cut).original_text).toBeNull();
    expect(bytesOf(message)).toEqual([500]);
  });

  it('is fetched by the next capture, whatever that one is for', async () => {
    const cut = set.say(1, CUT);
    set.faults.next(ALL_TRIES, DOWN, /original-content$/);
    await expect(set.capture()).rejects.toThrow();

    // The record says that a fetch has seen these events; what it promises is open all the same.
    const announced = { messageIds: [cut], occurredAt: 0, firstTry: true };
    const { status } = await set.capture({ announced });

    expect(status).toBe('archived');
    expect(gaps()).toEqual([]);
    expect(set.row(cut).original_text).not.toBeNull();
    expect((await set.capture({ announced })).status).toBe('covered');
  });

  it('keeps no new message from being archived', async () => {
    set.say(1, CUT);
    set.faults.next(ALL_TRIES, DOWN, /original-content$/);
    await expect(set.capture()).rejects.toThrow();
    const message = set.say(2);
    set.faults.next(ALL_TRIES, DOWN, /original-content$/);

    await expect(set.capture()).rejects.toThrow();

    expect(set.row(message).text).toBe('text of 2');
    // Since when it is promised does not change.
    expect(gaps()).toEqual([`original: not yet, ${FIRST}`]);
  });

  it.each([
    ['half of the file comes', { kind: 'cut' }, /^\/signed-url/],
    ['the file is shorter than it should be', { kind: 'truncated' }, /^\/signed-url/],
    ['the host of the file is down', DOWN, /^\/signed-url/],
    ['half of an answer comes', { kind: 'truncated' }, /signed-url$/],
    ['the token is refused', { kind: 'status', status: 401 }, /signed-url$/],
  ] as const)('is one when %s', async (_, fault, path) => {
    const message = set.say(1, { attachments: [set.file('141')] });
    set.faults.next(ALL_TRIES, fault, path);

    await expect(set.capture()).rejects.toMatchObject({ name: 'HubSpotError' });

    expect(gaps()).toEqual([`attachment: not yet, ${FIRST}`]);
    set.faults.clear();
    await set.capture();
    expect(gaps()).toEqual([]);
    expect(bytesOf(message)).toEqual([500]);
    expect(set.api.temporaryFiles()).toEqual([]);
  });

  it('is given up for a day when it has lasted for one, so that it does not hold up the thread for ever', async () => {
    set.say(1, CUT);
    for (let hours = 0; hours < 24; hours += 6) {
      set.faults.next(ALL_TRIES, DOWN, /original-content$/);
      await expect(set.capture()).rejects.toThrow();
      set.state.now += 6 * HOUR_MS;
    }
    set.faults.next(ALL_TRIES, DOWN, /original-content$/);

    const { status, enriched } = await set.capture();

    expect(status).toBe('archived');
    expect(enriched).toMatchObject({ gaps: 1 });
    expect(gaps()).toEqual(['original: failing, 2026-02-03 12:00:05.000']);
  });

  it('does not keep messages back: its circuit is its own', async () => {
    for (let n = 0; n < 10; n++) set.say(1, CUT);
    const threadId = addOldThread(set.world, {
      entries: 3,
      days: 1,
      fields: { truncationStatus: 'NOT_TRUNCATED' },
    });
    set.faults.next(40, DOWN, /original-content$/);
    const capture = set.worker();

    await expect(capture()).rejects.toThrow();
    const { status } = await capture({ threadId });

    expect(status).toBe('archived');
    // Not all ten are tried four times: after three that fail, originals are left alone.
    expect(set.takeCalls().filter((call) => call.startsWith('original')).length).toBeLessThan(40);
    expect(gaps()).toHaveLength(10);
  });
});

describe("the store's trouble with a file", () => {
  it('is waited out like that of HubSpot', async () => {
    const message = set.say(1, { attachments: [set.file('141')] });
    const { putFile } = set.archive.store;
    set.archive.store.putFile = () =>
      Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' }));

    await expect(set.capture()).rejects.toThrow('slow down');

    expect(gaps()).toEqual([`attachment: not yet, ${FIRST}`]);
    set.archive.store.putFile = putFile;
    await set.capture();
    expect(bytesOf(message)).toEqual([500]);
  });
});
