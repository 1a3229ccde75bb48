import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { createBackfillQueue } from '../../../cli/backfill/queue-feed.ts';
import { MOST_WAITING, queueThreads } from '../../../cli/backfill/queue-threads.ts';
import { parseQueuedThread, type QueuedThread } from '../../../functions/thread-queue/queued-thread.ts';
import { PORTAL_ID } from '../../support/simulated-account.ts';
import { backfillAccount } from './backfill-account.ts';

const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/1/threads';

/** An account with a history, a stack's thread queue, and a worker that takes so many threads a second. */
async function stackOf(threads: number, { perSecond = 20, skips = [] as number[] } = {}) {
  const account = backfillAccount();
  const ids = account.addHistory(threads, () => 2);
  const { lacking } = await account.survey();
  const waiting: QueuedThread[] = [];
  const accepted: QueuedThread[] = [];
  const depths: number[] = [];
  const sqs = mockClient(SQSClient);
  sqs
    .on(SendMessageBatchCommand, { QueueUrl: QUEUE_URL })
    .callsFake(({ Entries }: { Entries: { MessageBody: string }[] }) => {
      for (const { MessageBody } of Entries) {
        waiting.push(parseQueuedThread(MessageBody)!);
        accepted.push(parseQueuedThread(MessageBody)!);
      }
      depths.push(waiting.length);
      return {};
    });
  sqs.on(GetQueueAttributesCommand, { QueueUrl: QUEUE_URL }).callsFake(() => ({
    Attributes: {
      // Half of them after their delay.
      ApproximateNumberOfMessages: String(Math.ceil(waiting.length / 2)),
      ApproximateNumberOfMessagesDelayed: String(Math.floor(waiting.length / 2)),
      ApproximateNumberOfMessagesNotVisible: '0',
    },
  }));
  /** Called whenever time has passed. */
  const onTick: (() => void)[] = [];
  async function work(ms: number): Promise<void> {
    account.clock.ms += ms;
    for (const each of onTick) each();
    for (const { portalId, threadId, occurredAt } of waiting.splice(0, (perSecond * ms) / 1_000)) {
      if (skips.some((n) => ids[n] === threadId)) continue;
      const announced = { messageIds: [], occurredAt, firstTry: true };
      await account.capture({ portalId, threadId, announced, requestId: 'worker' });
    }
  }
  const seen: { queued: number; archived: number }[] = [];
  const run = (waits = true) =>
    queueThreads(
      {
        portalId: PORTAL_ID,
        queue: createBackfillQueue(new SQSClient({ region: 'eu-central-1' }), QUEUE_URL),
        archive: account.archive.store,
        waits,
        now: () => account.clock.ms,
        wait: work,
        signal: account.stopping.signal,
        onProgress: (counts) => seen.push(counts),
      },
      lacking,
    );
  return { ...account, ids, lacking, accepted, depths, seen, onTick, run };
}

describe('a backfill through the queue of a stack', () => {
  it('queues every thread once, ends when the records show all of them, and finds nothing lacking then', async () => {
    const { run, lacking, accepted, survey, seen } = await stackOf(300);

    const outcome = await run();

    expect(outcome).toEqual({ queued: 301, left: [] });
    expect(accepted.map(({ threadId }) => threadId)).toEqual(lacking.map(({ threadId }) => threadId));
    expect(accepted[0]).toMatchObject({
      portalId: PORTAL_ID,
      messageIds: [],
      reasons: ['backfill'],
      occurredAt: lacking[0]!.listedAt,
      waits: 0,
      looks: 0,
    });
    expect(seen.at(-1)).toEqual({ queued: 301, archived: 301 });
    expect((await survey()).lacking).toEqual([]);
  });

  it('never lets more than 200 threads wait, and keeps the queue filled', async () => {
    const { run, depths } = await stackOf(450, { perSecond: 2 });

    await run();

    expect(MOST_WAITING).toBe(200);
    expect(Math.max(...depths)).toBe(200);
  });

  it('names what the queue has dropped, when it has been empty for two minutes', async () => {
    const { run, ids, clock } = await stackOf(20, { skips: [7, 11] });
    const startedAt = clock.ms;

    const { queued, left } = await run();

    expect(queued).toBe(21);
    expect(left.sort()).toEqual([ids[7], ids[11]]);
    expect(clock.ms - startedAt).toBeGreaterThanOrEqual(120_000);
  });

  it('ends when all is queued, when it is not to wait', async () => {
    const { run, accepted } = await stackOf(20, { perSecond: 0 });

    expect(await run(false)).toMatchObject({ queued: 21 });
    expect(accepted).toHaveLength(21);
  });

  it('queues nothing more when it is told to end', async () => {
    const { run, accepted, stopping, onTick } = await stackOf(450, { perSecond: 0 });
    onTick.push(() => {
      if (accepted.length === 30) stopping.abort();
    });

    expect(await run()).toMatchObject({ queued: 30 });
    expect(accepted).toHaveLength(30);
  });

  it('stops waiting for room when it is told to end', async () => {
    const { run, accepted, stopping, onTick, clock } = await stackOf(450, { perSecond: 0 });
    const endsAt = clock.ms + 60_000;
    onTick.push(() => {
      if (clock.ms >= endsAt) stopping.abort();
    });

    expect(await run()).toMatchObject({ queued: 200 });
    expect(accepted).toHaveLength(200);
  });
});
