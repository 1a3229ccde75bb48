import './real-work.ts';
import { expect, test } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import { type Plan } from './plan.ts';
import { describeFailure, findFailure } from './report.ts';
import { type Run } from './simulate.ts';

/** The seed that all schedules of `npm test` come from. */
export const BASE_SEED = 'threadvault';
// In chunks, so that a slow machine shows where it is.
const CHUNKS = 4;

/** Schedules by number. */
export function* plansFrom(seed: string, first: number, count: number): Generator<Plan> {
  for (let n = first; n < first + count; n++) yield drawPlan(`${seed}/${n}`);
}

/**
 * The tests that play the schedules from `first` on. Two files call it, each for half of them, so that a machine with two
 * cores uses both.
 */
export function testSchedules({ first, count }: { first: number; count: number }): void {
  const chunk = count / CHUNKS;
  // Counted over all chunks: which faults really happened.
  const happened = new Map<string, number>();
  let schedules = 0;

  test.each(Array.from({ length: CHUNKS }, (_, n) => first + n * chunk))(
    'keeps every promise in the schedules from %i on',
    async (from) => {
      const onRun = ({ counts }: Run): void => {
        schedules++;
        for (const [what, times] of counts) happened.set(what, (happened.get(what) ?? 0) + times);
      };

      const failed = await findFailure(plansFrom(BASE_SEED, from, chunk), { onRun });

      if (failed !== undefined) expect.fail(await describeFailure(failed));
    },
    120_000,
  );

  test('makes every fault happen that it knows', () => {
    const missing = FAULTS.filter((fault) => !happened.has(fault));

    expect(schedules).toBe(count);
    expect(missing).toEqual([]);
  });
}

const prefixed = (prefix: string, names: string) => names.split(', ').map((name) => `${prefix} ${name}`);
const FAULTS = [
  ...prefixed('event', 'twice, held'),
  ...prefixed('webhook', 'answer lost'),
  ...prefixed('send', 'refused, partly, answer lost'),
  ...prefixed('receive', 'twice, reordered'),
  ...prefixed('give-back', 'refused'),
  ...prefixed('answer', 'not deleted'),
  ...prefixed('crash', 'before, after, out of time'),
  ...prefixed('get', 'refused'),
  ...prefixed('put', 'refused, conflict, answer lost, repeated, late'),
  'conflict',
  ...prefixed('GET', '423, 429, 429 daily, 477, 500, 502, 503, 504, 521, 401, 200 html'),
  'unfinished',
  ...prefixed('GET', 'truncated, dropped, cut, stalled, stalled body, repeated cursor'),
  ...prefixed('episode', 'daily, burst, down, dropping, stalling'),
];
