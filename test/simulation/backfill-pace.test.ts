import './real-work.ts';
import { expect, test } from 'vitest';
import { measureBackfill } from './backfill-pace.ts';

test.each([
  { requestsPerSecond: 10, longestCall: 150 },
  { requestsPerSecond: 18, longestCall: 150 },
  { requestsPerSecond: 18, longestCall: 600 },
])(
  'a backfill keeps 95 % of $requestsPerSecond requests per second or more, when a call takes up to $longestCall ms',
  async (rate) => {
    const { share, refused } = await measureBackfill(rate);

    expect(share).toBeGreaterThanOrEqual(0.95);
    expect(share).toBeLessThanOrEqual(1.02);
    expect(refused).toBe(0);
  },
);
