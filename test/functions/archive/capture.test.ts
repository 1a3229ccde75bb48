import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hubSpotMessage, THREAD } from '../../support/conversation.ts';
import { captureSetUp as setUp, part, RECORD } from '../../support/capture.ts';

describe('capturing a thread', () => {
  it('writes a part for each UTC day, then the record that lists them', async () => {
    const { archive, captureThread } = setUp();

    const outcome = await captureThread(['m1']);

    expect(outcome).toEqual({
      status: 'archived',
      messages: 3,
      pages: 1,
      partsWritten: 2,
      unseenMessageIds: [],
    });
    expect(archive.writes.at(-1)?.key).toBe(RECORD);
    expect(archive.keys()).toEqual([part('2026-01-31'), part('2026-02-01'), RECORD]);
    expect(archive.rows(part('2026-01-31')).map((row) => row.message_id)).toEqual(['m1', 'm2']);
    expect(archive.record(RECORD)).toMatchObject({
      thread_id: THREAD.threadId,
      status: 'OPEN',
      raw: '{"id":"6065362089","archived":false,"status":"OPEN"}',
      fetch_started_at: '2026-02-02 12:00:01.000',
      fetched_by: 'request-1',
      api_version: 'v3',
      pages: 1,
      message_count: 3,
      first_message_at: '2026-01-31 10:00:00.000',
      last_message_at: '2026-02-01 00:00:00.000',
      unseen_message_ids: [],
      deleted_at: null,
      erased_at: null,
      schema_version: 1,
    });
  });

  it('lists of each part what an auditor can check', async () => {
    const { archive, captureThread } = setUp();

    await captureThread();

    const [first] = archive.record(RECORD).parts;
    const written = archive.writes.find((write) => write.key === part('2026-01-31'))!;
    const sha256 = createHash('sha256').update(written.body).digest('hex');
    expect(first).toEqual({
      dt: '2026-01-31',
      key: part('2026-01-31'),
      messages: 2,
      sha256,
      bytes: written.body.length,
      // The days are written side by side, in no promised order.
      version_id: `v${archive.writes.indexOf(written) + 1}`,
    });
    expect(written).toMatchObject({
      sha256,
      condition: { absent: true },
      metadata: { 'request-id': 'request-1', 'fetch-started-at': '2026-02-02 12:00:01.000', sha256 },
    });
  });

  it('writes the record alone when nothing is new', async () => {
    const { archive, captureThread } = setUp();
    await captureThread();
    const before = archive.record(RECORD);
    archive.takeWrites();

    const outcome = await captureThread([], 'request-2');

    expect(outcome.partsWritten).toBe(0);
    expect(archive.takeWrites()).toEqual([RECORD]);
    expect(archive.record(RECORD)).toEqual({
      ...before,
      fetch_started_at: '2026-02-02 12:00:02.000',
      fetched_by: 'request-2',
    });
  });

  it('writes only the day of a new message', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    await captureThread();
    archive.takeWrites();
    hubSpot.messages.push(hubSpotMessage('m4', '2026-02-01T08:00:00Z'));

    await captureThread(['m4']);

    expect(archive.takeWrites()).toEqual([part('2026-02-01'), RECORD]);
    expect(archive.rows(part('2026-02-01')).map((row) => row.message_id)).toEqual(['m3', 'm4']);
  });

  it('replaces an edited message and keeps the time that the others were first seen', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    await captureThread();
    hubSpot.messages[0] = hubSpotMessage('m1', '2026-01-31T10:00:00Z', { text: 'edited' });

    await captureThread();

    expect(archive.rows(part('2026-01-31')).map((row) => [row.text, row.observed_at])).toEqual([
      ['edited', '2026-02-02 12:00:02.000'],
      ['text of m2', '2026-02-02 12:00:01.000'],
    ]);
  });

  it('keeps what HubSpot stops returning, marked, and unmarks what comes back', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    const all = [...hubSpot.messages];
    await captureThread();
    hubSpot.messages = [all[1]!];

    const without = await captureThread();

    expect(without.messages).toBe(3);
    const removed = () =>
      [...archive.rows(part('2026-01-31')), ...archive.rows(part('2026-02-01'))].map((row) => row.removed_at);
    expect(removed()).toEqual(['2026-02-02 12:00:02.000', null, '2026-02-02 12:00:02.000']);

    hubSpot.messages = all;
    await captureThread();

    expect(removed()).toEqual([null, null, null]);
  });

  it('takes messages that come out of order or twice for what they are', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    const [m1, m2, m3] = hubSpot.messages;
    hubSpot.messages = [m1!, m3!, m2!, m2!, m3!];
    hubSpot.pageSize = 2;

    const outcome = await captureThread();

    expect(outcome).toMatchObject({ messages: 3, pages: 3 });
    expect(archive.rows(part('2026-01-31')).map((row) => [row.message_id, row.removed_at])).toEqual([
      ['m1', null],
      ['m2', null],
    ]);
    expect(archive.record(RECORD).parts.map((entry) => entry.messages)).toEqual([2, 1]);
  });

  it('archives a thread without messages', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    hubSpot.messages = [];

    expect(await captureThread()).toMatchObject({ status: 'archived', messages: 0, partsWritten: 0 });

    expect(archive.record(RECORD)).toMatchObject({ message_count: 0, parts: [], first_message_at: null });
  });

  it('notes what was announced and does not show, until it shows', async () => {
    const { archive, hubSpot, captureThread } = setUp();

    expect((await captureThread(['m1', 'm4', 'm5'])).unseenMessageIds).toEqual(['m4', 'm5']);
    expect(archive.record(RECORD).unseen_message_ids).toEqual(['m4', 'm5']);

    hubSpot.messages.push(hubSpotMessage('m4', '2026-02-01T08:00:00Z'));
    await captureThread();

    expect(archive.record(RECORD).unseen_message_ids).toEqual(['m5']);
  });
});

describe('a message that was announced and archived, and is gone from HubSpot since', () => {
  it('is not noted as unseen, whether its thread is there or not', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    await captureThread(['m1']);
    hubSpot.messages = hubSpot.messages.slice(1);

    expect((await captureThread(['m1', 'm9'])).unseenMessageIds).toEqual(['m9']);
    hubSpot.thread = undefined;
    expect((await captureThread(['m1', 'm9'])).unseenMessageIds).toEqual(['m9']);

    expect(archive.record(RECORD).unseen_message_ids).toEqual(['m9']);
  });
});

describe('a thread in the trash', () => {
  it('is archived, and marked with the first fetch that found it there until it is restored', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    hubSpot.thread = { ...hubSpot.thread, archived: true };

    await captureThread();
    await captureThread();

    expect(archive.record(RECORD)).toMatchObject({ deleted_at: '2026-02-02 12:00:01.000', message_count: 3 });

    hubSpot.thread = { ...hubSpot.thread, archived: false };
    await captureThread();

    expect(archive.record(RECORD).deleted_at).toBeNull();
  });
});

describe('a thread that HubSpot no longer has', () => {
  it('stays in the archive as it was, marked', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    await captureThread();
    const before = archive.record(RECORD);
    hubSpot.thread = undefined;
    archive.takeWrites();

    expect((await captureThread(['m9'], 'request-2')).status).toBe('gone');

    expect(archive.takeWrites()).toEqual([RECORD]);
    expect(archive.record(RECORD)).toEqual({
      ...before,
      fetch_started_at: '2026-02-02 12:00:02.000',
      fetched_by: 'request-2',
      pages: 0,
      deleted_at: '2026-02-02 12:00:02.000',
      unseen_message_ids: ['m9'],
    });
  });

  it('leaves a record of what was announced even when nothing of it was ever seen', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    hubSpot.thread = undefined;

    await captureThread(['m9']);

    expect(archive.record(RECORD)).toMatchObject({
      thread_id: THREAD.threadId,
      raw: null,
      message_count: 0,
      unseen_message_ids: ['m9'],
      deleted_at: '2026-02-02 12:00:01.000',
    });
  });
});
