import { describe, expect, it } from 'vitest';
import { createSharedFlush } from '../../local/durable-files.ts';

/** A flush whose runs end when told to. */
function setUp() {
  const runs: { end: () => void; fail: () => void }[] = [];
  const flush = createSharedFlush(
    () =>
      new Promise((resolve, reject) => {
        runs.push({
          end: resolve,
          fail: () => {
            reject(new Error('EIO'));
          },
        });
      }),
  );
  return { runs, flush };
}

describe('a shared flush', () => {
  it('gives those who come while one runs the next one, together', async () => {
    const { runs, flush } = setUp();
    const first = flush();
    const later = Promise.all([flush(), flush()]);

    expect(runs).toHaveLength(1);
    runs[0]!.end();
    await first;
    await expect.poll(() => runs.length).toBe(2);
    runs[1]!.end();
    await later;

    expect(runs).toHaveLength(2);
  });

  it('tells those alone who waited for it that it failed', async () => {
    const { runs, flush } = setUp();
    const first = flush();
    const second = flush();

    runs[0]!.fail();
    await expect(first).rejects.toThrow('EIO');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]!.end();

    await expect(second).resolves.toBeUndefined();
  });
});
