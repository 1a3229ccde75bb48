import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { captureSetUp as setUp, NOON, part, RECORD } from '../../support/capture.ts';
import { hubSpotMessage, THREAD } from '../../support/conversation.ts';

const BLANK = {
  thread_id: THREAD.threadId,
  fetch_started_at: '2026-01-01 00:00:00.000',
  fetched_by: 'somebody',
  parts: [],
  unseen_message_ids: [],
  deleted_at: null,
  erased_at: null,
};

describe('two captures of one thread at once', () => {
  it('end with the newer content, and the one that lost fetches again', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    let other: Promise<unknown> | undefined;
    hubSpot.afterPages = async () => {
      if (other !== undefined) return;
      other = Promise.resolve();
      hubSpot.messages = hubSpot.messages.with(
        0,
        hubSpotMessage('m1', '2026-01-31T10:00:00Z', { text: 'newer' }),
      );
      hubSpot.messages.push(hubSpotMessage('m4', '2026-02-01T08:00:00Z'));
      other = captureThread([], 'the other');
      await other;
    };

    const slow = await captureThread([], 'the slow one');

    expect(slow.messages).toBe(4);
    expect(archive.rows(part('2026-01-31'))[0]?.text).toBe('newer');
    expect(archive.rows(part('2026-02-01')).map((row) => row.message_id)).toEqual(['m3', 'm4']);
    expect(archive.record(RECORD)).toMatchObject({
      fetched_by: 'the slow one',
      // By the note of the new day, or by the record, whichever the other one wrote first.
      fetch_started_at: expect.stringMatching(/^2026-02-02 12:00:0[345]\.000$/) as string,
      message_count: 4,
    });
  });

  it('give up when somebody else wins five times in a row', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    hubSpot.afterPages = () => {
      const record = archive.keys().includes(RECORD) ? archive.record(RECORD) : { ...BLANK };
      archive.overwrite(RECORD, Buffer.from(JSON.stringify({ ...record, fetched_by: crypto.randomUUID() })));
      return Promise.resolve();
    };

    await expect(captureThread()).rejects.toMatchObject({ name: 'ConflictError' });
  });

  it("count their fetches upwards within one second of HubSpot's clock, which shows no less", async () => {
    const { archive, hubSpot, captureThread } = setUp();
    hubSpot.answeredAt = () => NOON;

    await captureThread();
    await captureThread();

    expect(archive.record(RECORD).fetch_started_at).toBe('2026-02-02 12:00:00.001');
  });
});

describe('a write whose answer was lost', () => {
  it('is known for our own when it is repeated and refused', async () => {
    const { archive, hubSpot, captureThread } = setUp();
    const { put } = archive.store;
    archive.store.put = async (request) => {
      await put(request);
      return put(request);
    };

    const outcome = await captureThread();

    expect(outcome.messages).toBe(3);
    expect(archive.keys()).toEqual([part('2026-01-31'), part('2026-02-01'), RECORD]);
    expect(hubSpot.messages).toHaveLength(3);
    // The note of the new days, and what came of them.
    expect(archive.writes.filter((write) => write.key === RECORD)).toHaveLength(2);
  });
});

describe('an archive that does not read', () => {
  it.each([
    ['a thread record', RECORD, Buffer.from('{"thread_id":'), `${RECORD} is not a thread record`],
    [
      'a part',
      part('2026-01-31'),
      gzipSync('secret'),
      `${part('2026-01-31')} does not end with a line break`,
    ],
  ])('stops the capture at %s, and nothing is written over it', async (_, key, bytes, message) => {
    const { archive, captureThread } = setUp();
    archive.overwrite(key, bytes);

    await expect(captureThread()).rejects.toMatchObject({ name: 'CorruptArchiveError', message });

    expect(archive.takeWrites()).not.toContain(key);
  });
});
