import './real-work.ts';
import { expect, test } from 'vitest';
import { CREATE, plainPlan, SAY } from './plain-plan.ts';
import { simulate } from './simulate.ts';
import { liveThrough, planDay } from './trouble.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('an access token that was replaced is read again once, and nothing waits for it', async () => {
  const threads = [0, 1, 2, 3, 4];
  const steps = threads.flatMap((thread) => [
    { at: 0, thread, action: CREATE },
    { at: 3 * MINUTE, thread, action: SAY },
  ]);
  const settings = { workers: 1, newTokenAfter: 2 * MINUTE };

  const { violations, calls, secretReads, accepted, plan } = await simulate(
    plainPlan({ seed: 'token', settings, steps }),
  );

  expect(violations).toEqual([]);
  // Five threads at a time have the old one in hand.
  const refused = calls.filter(({ status }) => status === 401);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(5);
  const soFar = secretReads.filter((at) => at < plan.settings.startAt + 4 * MINUTE);
  expect(soFar).toHaveLength(2);
  expect(accepted.filter(({ thread }) => thread.waits > 0)).toEqual([]);
});

test('an access token that stays wrong for a day spends no try and loses no thread', async () => {
  const settings = { newTokenAfter: HOUR, secretLag: 24 * HOUR };

  const { run, callsPerHour } = await liveThrough(planDay('token', 12, settings));

  expect(run).toMatchObject({ violations: [], dead: [] });
  expect(run.calls.filter(({ status }) => status === 401).length).toBeGreaterThan(100);
  expect(Math.max(...run.accepted.map(({ receiveCount }) => receiveCount))).toBe(1);
  // Every record asks four times an hour, with the token as it is and as it is read again.
  for (const hours of callsPerHour) expect(Math.max(...hours)).toBeLessThanOrEqual(12 * 3 * 4 * 2 + 32);
});
