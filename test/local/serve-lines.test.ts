import { describe, expect, it } from 'vitest';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import {
  createWebhookFilter,
  describeDeadLetter,
  describeVerdict,
  describeWebhook,
} from '../../local/serve-lines.ts';
import { queuedThread, queueRecord } from '../support/queue-record.ts';

const record = queueRecord('r', {}, 10);
const thread = { portalId: '62515', threadId: '7' };
const outcome = {
  status: 'archived' as const,
  messages: 12,
  pages: 2,
  partsWritten: 1,
  unseenMessageIds: [],
};
const fault = {
  reason: 'HubSpotError: 500',
  errorClass: 'HubSpotError',
  requestId: 'request-1',
  receiveCount: 10,
};
const done = {
  record,
  thread,
  result: 'done',
  outcome,
  queued: queuedThread(),
  unseen: 0,
} satisfies RecordVerdict;

describe('a line of npm run serve', () => {
  it.each<[string, RecordVerdict]>([
    ['thread 62515/7: archived, 12 messages, 2 pages read, 1 parts written; 3 queued', done],
    [
      'thread 62515/7: archived, 12 messages, 2 pages read, 1 parts written, 2 never shown by HubSpot; 3 queued',
      { ...done, unseen: 2 },
    ],
    [
      'thread 62515/7: covered by an earlier fetch; 3 queued',
      { ...done, outcome: { ...outcome, status: 'covered' } },
    ],
    [
      'thread 62515/7: again in 5 s, HubSpotError: 500; 3 queued',
      { record, thread, result: 'again', reason: 'HubSpotError: 500', afterSeconds: 5 },
    ],
    ['thread 62515/7: given up; 3 queued', { record, thread, result: 'dead', fault }],
    ['a record of no thread: given up; 3 queued', { record, result: 'dead', fault }],
  ])('says %j', (line, verdict) => {
    expect(describeVerdict(verdict, 3)).toBe(line);
  });

  it.each([
    ['thread 62515/7: given up after 10 attempts, HubSpotError: 500', record.body],
    ['a record of no thread: given up after 10 attempts, HubSpotError: 500', 'junk'],
  ])('says %j of a dead letter', (line, body) => {
    const letter = { ...record, body, reason: 'HubSpotError: 500', fault, sentAt: 0, buriedAt: 0 };

    expect(describeDeadLetter(letter)).toBe(line);
  });

  it('says what became of a webhook', () => {
    const ignored = [{ type: 'x', portalId: '1', eventId: undefined }];

    expect(describeWebhook({ result: 'accepted', events: 3, threads: 2, ignored })).toBe(
      'webhook accepted: 3 events of 2 threads, 1 ignored',
    );
    expect(describeWebhook({ result: 'failed', reason: 'QueueError' })).toBe('webhook failed: QueueError');
  });

  it('is spent on a refusal once in ten seconds for each reason, and on anything else always', () => {
    let now = 0;
    const isWorthALine = createWebhookFilter(() => now);
    const refused = (reason: string) => isWorthALine({ result: 'refused', reason });

    expect([refused('stale'), refused('stale'), refused('mismatch')]).toEqual([true, false, true]);
    now = 10_000;
    expect([refused('stale'), refused('stale')]).toEqual([true, false]);
    for (let i = 0; i < 2; i++) expect(isWorthALine({ result: 'malformed', reason: 'x' })).toBe(true);
  });
});
