import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../functions/hubspot/pacer.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('a pacer', () => {
  it('lets no more than rate × 10 s requests start in any 10 s, whatever is made up for, and no fewer than it must', async () => {
    const rates = fc.constantFrom(1, 4.5, 5, 9, 18);
    const lateness = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 50 });
    // How long nobody asks for a turn, now and then.
    const idleTimes = fc.array(fc.constantFrom(0, 0, 0, 0, 300, 900), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(rates, lateness, idleTimes, async (rate, late, idle) => {
        const clock = virtualClock();
        let sleeps = 0;
        const lateSleep = (ms: number) => clock.sleep(ms + late[sleeps++ % late.length]!);
        const pacer = createPacer(rate, { now: clock.now, sleep: lateSleep });

        const starts: number[] = [];
        const turns = rate * 30;
        for (let i = 0; i < turns; i++) {
          await pacer.turn();
          starts.push(clock.now());
          if (i % 10 === 9) await clock.sleep(idle[i % idle.length]!);
        }

        for (const start of starts) {
          // Less a nanosecond, because the clock's time is a floating point number.
          const inWindow = starts.filter((other) => other >= start && other < start + 9_999.999_999).length;
          expect(inWindow).toBeLessThanOrEqual(rate * 10);
        }
        // Ten turns take longer than the longest time idle, so that all of it is made up for, but at the end.
        if (rate <= 9) expect(clock.now()).toBeLessThanOrEqual(30_000 + 2_000);
      }),
      { numRuns: 30 },
    );
  });

  it('makes up for turns that nobody took, those of the last second at most', async () => {
    const clock = virtualClock();
    const pacer = createPacer(10, clock);
    const takeTurns = async (turns: number): Promise<number[]> => {
      const startedAt = clock.now();
      const taken: number[] = [];
      for (let i = 0; i < turns; i++) {
        await pacer.turn();
        taken.push(clock.now() - startedAt);
      }
      return taken;
    };
    await takeTurns(1);

    await clock.sleep(400);
    expect(await takeTurns(5)).toEqual([0, 0, 0, 0, 100]);
    await clock.sleep(60_000);
    expect((await takeTurns(13)).slice(9)).toEqual([0, 0, 100, 200]);
  });

  it('makes up for nothing when it is new', async () => {
    const clock = virtualClock(1_800_000_000_000);
    const pacer = createPacer(10, clock);

    await pacer.turn();
    await pacer.turn();

    expect(clock.now()).toBe(1_800_000_000_100);
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
