import { describe, expect, it } from 'vitest';
import { type Announcement } from '../../../functions/archive/covered.ts';
import { captureSetUp as setUp, NOON } from '../../support/capture.ts';
import { THREAD } from '../../support/conversation.ts';

describe('what an earlier fetch has seen', () => {
  /** A HubSpot that counts how often it is asked, an archive that has fetched once, and when that was. */
  async function setUpFetched() {
    const { archive, hubSpot, captureThread, capture } = setUp();
    let asked = 0;
    const { answeredAt } = hubSpot;
    hubSpot.answeredAt = () => {
      asked++;
      return answeredAt();
    };
    await captureThread(['m1']);
    archive.takeWrites();
    const announce = (announced: Partial<Announcement>) => {
      const nothing = { messageIds: [], occurredAt: FETCHED_AT - 5_000, firstTry: true };
      return capture({ ...THREAD, announced: { ...nothing, ...announced }, requestId: 'request-2' });
    };
    return { archive, hubSpot, captureThread, announce, asked: () => asked };
  }
  const FETCHED_AT = NOON + 1_000;

  it('is not asked for again when it was settled by then and every announced message is in the archive', async () => {
    const { archive, announce, asked } = await setUpFetched();

    const outcome = await announce({ messageIds: ['m1', 'm3'] });

    expect(outcome).toEqual({
      status: 'covered',
      messages: 0,
      pages: 0,
      partsWritten: 0,
      unseenMessageIds: [],
    });
    expect(asked()).toBe(1);
    expect(archive.takeWrites()).toEqual([]);
  });

  it.each<[string, Partial<Announcement>]>([
    ['somebody has tried before, and may have left a part half done', { firstTry: false }],
    ['a message is not in the archive', { messageIds: ['m1', 'm9'] }],
    ['something happened too shortly before', { occurredAt: FETCHED_AT - 4_999 }],
    [
      'a message that is in the archive came too shortly before',
      { messageIds: ['m1'], occurredAt: FETCHED_AT },
    ],
  ])('is asked for again when %s', async (_, announced) => {
    const { announce, asked } = await setUpFetched();

    expect((await announce(announced)).status).toBe('archived');

    expect(asked()).toBe(2);
  });

  it('is nothing when that fetch found no thread', async () => {
    const { hubSpot, captureThread, announce, asked } = await setUpFetched();
    const { thread } = hubSpot;
    hubSpot.thread = undefined;
    expect((await captureThread(['m9'])).status).toBe('gone');
    hubSpot.thread = thread;

    expect((await announce({})).status).toBe('archived');

    expect(asked()).toBe(3);
  });
});
