import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../functions/hubspot/pacer.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('a pacer', () => {
  it('lets no more than rate × 10 s + 2 requests start in any 10 s, and no fewer than it must', async () => {
    const rates = fc.constantFrom(1, 5, 10, 19);
    const lateness = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(rates, lateness, async (rate, late) => {
        const clock = virtualClock();
        let sleeps = 0;
        const lateSleep = (ms: number) => clock.sleep(ms + late[sleeps++ % late.length]!);
        const pacer = createPacer(rate, { now: clock.now, sleep: lateSleep });

        const starts = [];
        for (let i = 0; i < rate * 30; i++) {
          await pacer.turn();
          starts.push(clock.now());
        }

        for (const start of starts) {
          const inWindow = starts.filter((other) => other >= start && other < start + 10_000).length;
          expect(inWindow).toBeLessThanOrEqual(rate * 10 + 2);
        }
        expect(clock.now()).toBeLessThanOrEqual(30_000 * 1.05 + 100);
      }),
      { numRuns: 30 },
    );
  });

  it('serves callers in the order they came, one spacing apart', async () => {
    const clock = virtualClock();
    const pacer = createPacer(10, clock);

    const served: [string, number][] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) => pacer.turn().then(() => served.push([name, clock.now()]))),
    );

    expect(served).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 200],
    ]);
  });

  it('holds everybody back during a pause, those who wait already too, and lets nobody through in a burst after it', async () => {
    const clock = virtualClock();
    const pacer = createPacer(10, clock);
    await pacer.turn();

    const served: number[] = [];
    const turns = Array.from({ length: 3 }, () => pacer.turn().then(() => served.push(clock.now())));
    pacer.pause(5_000);
    pacer.pause(1_000);
    await Promise.all(turns);

    expect(served[0]).toBe(5_000);
    expect(served[2]! - served[0]!).toBeGreaterThanOrEqual(100);
  });

  it('makes nobody wait at an infinite rate', async () => {
    const clock = virtualClock();
    const pacer = createPacer(Infinity, clock);

    for (let i = 0; i < 1000; i++) await pacer.turn();

    expect(clock.now()).toBe(0);
  });
});
