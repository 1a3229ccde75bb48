import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../local/memory-queue.ts';
import { queuedThread } from '../support/queue-record.ts';

function setUp() {
  let now = 0;
  const queue = createMemoryQueue({ delayMs: 100, visibilityMs: 1_000, maxReceiveCount: 2, now: () => now });
  const threadIds = () =>
    queue.receive(10).map(({ body }) => (JSON.parse(body) as { threadId: string }).threadId);
  return { queue, threadIds, wait: (ms: number) => (now += ms) };
}

describe('the queue in the process', () => {
  it('shows a message after its delay, and then hides it from others while it is worked on', async () => {
    const { queue, threadIds, wait } = setUp();
    await queue.send([queuedThread({ threadId: '1' }), queuedThread({ threadId: '2' })]);

    expect(threadIds()).toEqual([]);
    wait(100);
    expect(threadIds()).toEqual(['1', '2']);
    expect(threadIds()).toEqual([]);
    expect(queue.size()).toBe(2);
  });

  it('gives out no more than it is asked for', async () => {
    const { queue, wait } = setUp();
    await queue.send(Array.from({ length: 5 }, () => queuedThread()));
    wait(100);

    expect(queue.receive(3)).toHaveLength(3);
    expect(queue.receive(3)).toHaveLength(2);
  });

  it('is rid of what is acknowledged', async () => {
    const { queue, threadIds, wait } = setUp();
    await queue.send([queuedThread()]);
    wait(100);
    const [record] = queue.receive(1);

    queue.acknowledge(record!.recordId);

    wait(10_000);
    expect(threadIds()).toEqual([]);
    expect(queue.size()).toBe(0);
  });

  it('shows again what is not acknowledged in time, counting how often', async () => {
    const { queue, wait } = setUp();
    await queue.send([queuedThread()]);
    wait(100);

    expect(queue.receive(1)).toMatchObject([{ receiveCount: 1 }]);
    wait(1_000);
    expect(queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
  });

  it('shows what is given back when it is told to', async () => {
    const { queue, threadIds, wait } = setUp();
    await queue.send([queuedThread()]);
    wait(100);
    const [record] = queue.receive(1);

    queue.returnAfter(record!.recordId, 5);

    wait(4_999);
    expect(threadIds()).toEqual([]);
    wait(1);
    expect(threadIds()).toEqual(['7']);
  });

  it('makes a dead letter of what was taken too often', async () => {
    const { queue, wait } = setUp();
    await queue.send([queuedThread({ threadId: '8' })]);
    for (let round = 0; round < 3; round++) {
      wait(1_000);
      queue.receive(1);
    }

    expect(queue.size()).toBe(0);
    expect(queue.deadLetters()).toMatchObject([
      { receiveCount: 2, body: JSON.stringify(queuedThread({ threadId: '8' })) },
    ]);
  });
});
