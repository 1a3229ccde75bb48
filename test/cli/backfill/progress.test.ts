import { expect, it } from 'vitest';
import { estimateTotal } from '../../../cli/backfill/estimate.ts';
import { createMeter, describeDuration, describeProgress } from '../../../cli/backfill/progress.ts';

it('shows a bar, the rates, the time left and what failed', () => {
  const progress = { done: 450, total: 1_000, calls: 1_200, failed: 2, note: '' };

  expect(describeProgress(progress, [2.5, 9.94])).toBe(
    '[#########...........]  45 %  450 of 1,000 threads, 9.9 calls/s, 2.5 threads/s, 4 min left, 2 failed',
  );
});

it('measures the rate of the last minute', () => {
  let now = 0;
  const meter = createMeter(() => now);
  meter([0]);
  for (const [at, count] of [
    [30_000, 300],
    [60_000, 300],
    [90_000, 360],
  ] as const) {
    now = at;
    meter([count]);
  }

  expect(meter([360])).toEqual([1]);
});

it.each([
  [40, '40 s'],
  [420, '7 min'],
  [12_000, '3 h 20 min'],
  [187_200, '2 d 4 h'],
])('calls %i seconds %s', (seconds, text) => {
  expect(describeDuration(seconds)).toBe(text);
});

it('has no doubt about what was measured whole, and more the more the sample varies', () => {
  expect(estimateTotal(3, [1, 2, 3])).toEqual({ about: 6, from: 6, to: 6 });
  expect(estimateTotal(100, [5, 5])).toEqual({ about: 500, from: 500, to: 500 });
  expect(estimateTotal(100, [1, 9]).to).toBeGreaterThan(900);
});
