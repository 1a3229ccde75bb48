import './real-work.ts';
import { describe, expect, test } from 'vitest';
import { createDraw } from './choices.ts';
import { CREATE, plainPlan, SAY } from './plain-plan.ts';
import { type Plan } from './plan.ts';
import { simulate } from './simulate.ts';

const HOUR = 3_600_000;
const MESSAGES = 50;
const SCHEDULES = 40;

/** Fifty messages on one thread, within what the queue holds back, an hour after the beginning; the rest is drawn. */
function drawBurst(seed: string, workers: number): Plan {
  const random = createDraw(seed);
  const coalesce = random.pick([2_000, 15_000, 60_000]);
  const span = Math.floor(coalesce * random.pick([0.1, 0.5, 1]));
  const says = Array.from({ length: MESSAGES }, () => ({ at: HOUR + random.int(0, span), action: SAY }));
  // New, or known for an hour; and a step that does nothing, so that the next events come an hour later.
  const steps = [
    { at: random.pick([0, HOUR]), action: CREATE },
    ...says,
    { at: 2 * HOUR, action: { kind: 'restore' } as const },
  ];
  return plainPlan({
    seed,
    steps: steps.map((step) => ({ ...step, thread: 0 })),
    settings: {
      // HubSpot's clock shows whole seconds.
      startAt: Date.UTC(2026, 10, 7, 12) + random.int(0, 999),
      workers,
      coalesce,
      gatherFor: random.pick([0, 200, 1_000]),
      pageSize: random.pick([5, 20, 100]),
      batchSize: random.pick([1, 10]),
      longestCall: random.pick([20, 150, 600]),
    },
  });
}

/** How often the thread was fetched for the burst. */
async function countFetches(plan: Plan): Promise<number> {
  const { calls, violations } = await simulate(plan);
  expect(violations).toEqual([]);
  const { startAt } = plan.settings;
  const during = calls.filter(({ at }) => at >= startAt + HOUR && at < startAt + 2 * HOUR);
  return during.filter(({ path }) => /\/threads\/\d+$/.test(path)).length;
}

describe('a burst of fifty messages within the delay', () => {
  test('costs one worker two fetches at most', async () => {
    const fetches: number[] = [];
    for (let n = 0; n < SCHEDULES; n++) fetches.push(await countFetches(drawBurst(`burst/${n}`, 1)));

    expect(Math.max(...fetches)).toBe(2);
    expect(fetches).toContain(1);
  });

  test('costs two workers a few more, because both begin at once and who loses begins again', async () => {
    const fetches: number[] = [];
    for (let n = 0; n < SCHEDULES; n++) fetches.push(await countFetches(drawBurst(`burst/${n}`, 2)));

    // Twice, at the end of the delay and half a delay later: one of each worker, and one more of the loser.
    expect(Math.max(...fetches)).toBeLessThanOrEqual(7);
    const mean = fetches.reduce((sum, each) => sum + each) / fetches.length;
    expect(mean).toBeLessThan(4);
  });
});
