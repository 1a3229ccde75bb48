import './real-work.ts';
import { describe, expect, test } from 'vitest';
import { liveThrough, planDay } from './trouble.ts';

const THREADS = 12;
const TIME_LIMIT_MS = 60_000;

// That everything is archived afterwards is checked at the end of every schedule: a violation when it is not.
const NOTHING_LOST = { violations: [], dead: [] };

describe('a day without quota', () => {
  test.each([
    ['that says when to come back loses no thread, and costs a worker two calls an hour', true, 2],
    ['that does not say loses no thread, and costs a worker one call an hour', false, 1],
  ])(
    '%s',
    async (_, retryAfter, perHour) => {
      const { run, callsPerHour } = await liveThrough(planDay('quota', THREADS), {
        kind: 'daily',
        retryAfter,
      });

      expect(run).toMatchObject(NOTHING_LOST);
      expect(callsPerHour).toHaveLength(2);
      for (const hours of callsPerHour) {
        expect(Math.max(...hours)).toBe(perHour);
        // A worker that nobody has given anything to do in the first hour knows of nothing.
        expect(Math.min(...hours.slice(2))).toBe(perHour);
      }
    },
    TIME_LIMIT_MS,
  );
});

describe('a day in which HubSpot', () => {
  test.each([
    ['answers 503', 'down', false],
    ['answers 503 and says each time to come back soon', 'down', true],
    ['drops connections', 'dropping', false],
    ['lets every call wait', 'stalling', false],
  ] as const)(
    '%s loses no thread, and costs a worker twelve calls an hour when it has found that out',
    async (_, kind, retryAfter) => {
      const { run, callsPerHour } = await liveThrough(planDay(kind, THREADS), { kind, retryAfter });

      expect(run).toMatchObject(NOTHING_LOST);
      expect(callsPerHour).toHaveLength(2);
      for (const hours of callsPerHour) {
        // Three threads have to fail before it is HubSpot's fault, and one event after the other tells of them.
        expect(sum(hours.slice(0, 3))).toBeLessThanOrEqual(150);
        expect(Math.max(...hours.slice(3))).toBeLessThanOrEqual(13);
        expect(Math.min(...hours.slice(3))).toBeGreaterThanOrEqual(8);
      }
    },
    TIME_LIMIT_MS,
  );
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
