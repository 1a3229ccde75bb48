import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forEachConcurrently, mapInLots } from '../../functions/concurrency.ts';

async function* numbers(count: number, failure?: Error): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    await tick();
    yield i;
  }
  if (failure !== undefined) throw failure;
}

describe('working on items as they come', () => {
  it('does each once, never more than the limit at a time, and ends when all are done', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(4)),
        async (count, limit, ticks) => {
          const done: number[] = [];
          let underWay = 0;
          let most = 0;

          await forEachConcurrently(numbers(count), limit, async (item) => {
            most = Math.max(most, ++underWay);
            for (let left = ticks.next().value; left > 0; left--) await tick();
            underWay--;
            done.push(item);
          });

          expect(done.sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([1, 2, 4, 8])(
    'fails when the source fails, with %i at a time and whatever is under way',
    async (limit) => {
      let underWay = 0;
      const working = forEachConcurrently(numbers(3, new Error('no third page')), limit, async () => {
        underWay++;
        await tick();
        await tick();
        underWay--;
      });

      await expect(working).rejects.toThrow('no third page');

      expect(underWay).toBe(0);
    },
  );

  it('fails when the work fails, takes no further items, and waits for what is under way', async () => {
    const begun: number[] = [];
    let finished = 0;
    const working = forEachConcurrently(numbers(100), 3, async (item) => {
      begun.push(item);
      await tick();
      if (item === 1) throw new Error('no room');
      await tick();
      finished++;
    });

    await expect(working).rejects.toThrow('no room');

    expect(begun.length).toBeLessThan(8);
    expect(finished).toBe(begun.length - 1);
  });
});

describe('working on items in lots', () => {
  it.each([0, 1, 3, 4, 7])(
    'gives what comes of %i items in their order, three at a time at most',
    async (count) => {
      let underWay = 0;
      let most = 0;

      const results = await Array.fromAsync(
        mapInLots(numbers(count), 3, async (item) => {
          most = Math.max(most, ++underWay);
          for (let left = 3 - (item % 3); left > 0; left--) await tick();
          underWay--;
          return item * 2;
        }),
      );

      expect(results).toEqual(Array.from({ length: count }, (_, i) => i * 2));
      expect(most).toBe(Math.min(count, 3));
    },
  );

  it('throws what the source or the work throws', async () => {
    const refuse = () => Promise.reject(new Error('no work'));

    await expect(Array.fromAsync(mapInLots(numbers(2), 3, refuse))).rejects.toThrow('no work');
    await expect(
      Array.fromAsync(mapInLots(numbers(2, new Error('no source')), 3, (item) => Promise.resolve(item))),
    ).rejects.toThrow('no source');
  });
});
