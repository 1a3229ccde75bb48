import './real-work.ts';
import { expect, test } from 'vitest';
import { measurePacing } from './pacing.ts';

test.each([
  { account: 'a large plan', requestsPerSecond: 18, tenSecondly: 190 },
  { account: 'a small plan', requestsPerSecond: 9, tenSecondly: 100 },
])(
  'two workers with a full queue reach $requestsPerSecond requests per second, and stay below the $tenSecondly per ten seconds of $account',
  async (rate) => {
    const { run, share, refused, mostInTenSeconds } = await measurePacing(rate);

    expect(run.violations).toEqual([]);
    expect(share).toBeGreaterThanOrEqual(0.95);
    expect(share).toBeLessThanOrEqual(1.02);
    expect(refused).toBe(0);
    expect(mostInTenSeconds).toBeLessThanOrEqual(rate.tenSecondly);
  },
);

test('HubSpot refuses those who do not keep its limit', async () => {
  const { run, refused } = await measurePacing({ requestsPerSecond: 50, tenSecondly: 190, longestCall: 10 });

  expect(refused).toBeGreaterThan(0);
  expect(run.dead).toEqual([]);
});
