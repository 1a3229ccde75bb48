import { beforeEach, describe, expect, it } from 'vitest';
import { type DeadLetter, type DeadLetterHome } from '../../../cli/dead-letters/dead-letter.ts';
import { createSqsHome } from '../../../cli/dead-letters/sqs-home.ts';
import { type QueuedThread } from '../../../functions/thread-queue/queued-thread.ts';
import { queuedThread } from '../../support/queue-record.ts';
import { fakeSqs, QUEUES } from './fake-sqs.ts';

const FAULT = {
  reason: 'HubSpotError: HubSpot answered 400',
  errorClass: 'HubSpotError',
  status: 400,
  requestId: 'request-1',
  receiveCount: 10,
};

let sqs: ReturnType<typeof fakeSqs>;
let home: DeadLetterHome;
beforeEach(() => {
  sqs = fakeSqs();
  home = createSqsHome(sqs.client, QUEUES, sqs.clock);
});

const bodyOf = (threadId: string): string => JSON.stringify(queuedThread({ threadId, waits: 30, looks: 4 }));
const buryThreads = (count: number): void => {
  for (let i = 0; i < count; i++) sqs.bury(bodyOf(String(i)), FAULT);
};
const threadIds = (letters: readonly Pick<DeadLetter, 'thread'>[]): string[] =>
  letters.map(({ thread }) => thread?.threadId ?? 'none').sort();
const buried = (): string[] =>
  threadIds(sqs.state.letters.map(({ body }) => ({ thread: JSON.parse(body) as QueuedThread })));
const queued = (): QueuedThread[] =>
  sqs.state.threadQueue.map(({ body }) => JSON.parse(body) as QueuedThread);

/** Redrives what is wanted, and gives the ids of the threads that it said it has redriven. */
async function redrive(isWanted: (letter: DeadLetter) => boolean = () => true, perSecond = 100) {
  const redriven: DeadLetter[] = [];
  const result = await home.redrive({ isWanted, perSecond, onRedriven: (letter) => redriven.push(letter) });
  return { ...result, redriven: threadIds(redriven) };
}

describe('listing the dead letters in SQS', () => {
  it('shows each with its thread and what the worker said of it', async () => {
    sqs.bury(bodyOf('7'), FAULT, 1_000);

    expect(await home.list()).toEqual({
      letters: [
        {
          recordId: 'letter-0',
          thread: queuedThread({ threadId: '7', waits: 30, looks: 4 }),
          reason: FAULT.reason,
          fault: FAULT,
          tries: 10,
          keptSince: 1_000,
        },
      ],
      notices: [],
    });
  });

  it('shows those of no thread, and those that SQS has moved itself, without a reason', async () => {
    sqs.bury('what somebody wrote', undefined);

    const { letters } = await home.list();

    expect(letters).toMatchObject([
      { thread: undefined, reason: undefined, fault: undefined, tries: undefined },
    ]);
    expect(JSON.stringify(letters)).not.toContain('what somebody wrote');
  });

  it('shows all of many, as often as it is done, and leaves them as they were', async () => {
    buryThreads(35);

    const [first, second] = [await home.list(), await home.list()];

    expect(threadIds(first.letters)).toEqual(buried());
    expect(second).toEqual(first);
    expect(sqs.visible()).toHaveLength(35);
  });

  it('gives back what it has taken when it fails on the way', async () => {
    buryThreads(35);
    sqs.state.failAt = { call: 4, isDone: false };

    await expect(home.list()).rejects.toThrow('no connection');

    expect(sqs.visible()).toHaveLength(35);
  });

  it('says that some may be missing while somebody else looks at them', async () => {
    buryThreads(3);
    sqs.state.letters[0]!.visibleAt = Infinity;

    expect((await home.list()).notices).toEqual([
      'SQS counts about 1 more: somebody else looks at them, or did so a moment ago',
    ]);
  });

  it('ends, and says so, when it cannot get through before the first ones are visible again', async () => {
    buryThreads(100);
    sqs.state.callMs = 30_000;

    const { letters, notices } = await home.list();

    expect(letters.length).toBeLessThan(100);
    expect(new Set(threadIds(letters)).size).toBe(letters.length);
    expect(notices).toEqual([
      expect.stringContaining('more dead letters than can be looked through in 120 s'),
    ]);
  });
});

describe('redriving the dead letters in SQS', () => {
  it('puts all back onto the thread queue, as if they were new, but not as if never tried', async () => {
    buryThreads(25);

    const { redriven, left } = await redrive();

    expect(redriven).toHaveLength(25);
    expect(left).toEqual([]);
    expect(buried()).toEqual([]);
    for (const [i, thread] of queued().entries()) {
      const { at } = sqs.state.threadQueue[i]!;
      const { receivedAt } = thread;
      expect(thread).toEqual(queuedThread({ threadId: thread.threadId, receivedAt, waits: 1, looks: 0 }));
      expect(at - receivedAt).toBeLessThan(100);
    }
  });

  it('takes no more a second than it is told', async () => {
    buryThreads(25);
    const startedAt = sqs.clock.now();

    await redrive(() => true, 2);

    const seconds = (sqs.clock.now() - startedAt) / 1000;
    // The pacer makes up for one turn that was taken late.
    expect(seconds).toBeGreaterThanOrEqual((25 - 2) / 2);
    expect(seconds).toBeLessThan(15);
  });

  it('takes those of one thread and leaves the others as they were', async () => {
    buryThreads(25);
    sqs.bury(bodyOf('7'));

    const { redriven } = await redrive(({ thread }) => thread?.threadId === '7');

    expect(redriven).toEqual(['7', '7']);
    expect(queued().map(({ threadId }) => threadId)).toEqual(['7', '7']);
    expect(buried()).toHaveLength(24);
    expect(sqs.visible()).toHaveLength(24);
  });

  it('leaves those of no thread where they are, and says so', async () => {
    buryThreads(2);
    sqs.bury('{');

    const { redriven, left } = await redrive();

    expect(redriven).toHaveLength(2);
    expect(left).toMatchObject([{ recordId: 'letter-2' }]);
    expect(sqs.visible()).toMatchObject([{ body: '{' }]);
  });

  it('leaves a thread that is to be erased where it is, when it does not know the queue of erasures', async () => {
    buryThreads(1);
    sqs.bury(
      JSON.stringify(queuedThread({ threadId: '9', reasons: ['conversation.privacyDeletion'] })),
      FAULT,
    );

    const { redriven, left } = await redrive();

    expect(redriven).toEqual(['0']);
    expect(threadIds(left)).toEqual(['9']);
    expect(buried()).toEqual(['9']);
  });

  it('loses none of them whichever call fails, and the next run brings the rest', async () => {
    // A count, three receives, and a send and a delete for each.
    const CALLS = 1 + 3 + 2 * 12;
    for (const isDone of [false, true]) {
      for (let call = 1; call <= CALLS; call++) {
        sqs = fakeSqs();
        home = createSqsHome(sqs.client, QUEUES, sqs.clock);
        buryThreads(12);
        sqs.state.failAt = { call, isDone };

        await expect(redrive()).rejects.toThrow('no connection');

        const kept = new Set([...buried(), ...queued().map(({ threadId }) => threadId)]);
        expect(kept.size).toBe(12);
        sqs.state.failAt = undefined;
        await sqs.clock.sleep(120_000);
        await redrive();
        expect(buried()).toEqual([]);
        expect(new Set(queued().map(({ threadId }) => threadId)).size).toBe(12);
      }
    }
  });
});
