import '../test/simulation/real-work.ts';
import { measureBackfill } from '../test/simulation/backfill-pace.ts';
import { measurePacing } from '../test/simulation/pacing.ts';
import { liveThrough, planDay } from '../test/simulation/trouble.ts';

const RATES = [
  { requestsPerSecond: 18, tenSecondly: 190 },
  { requestsPerSecond: 9, tenSecondly: 100 },
];
const LONGEST_CALL_MS = 150;
const LEAST_SHARE = 0.95;
const THREADS = 12;
const MOST_CALLS_PER_HOUR = 13;

/**
 * The archiver on a virtual clock, as the stack runs it: which share of the configured rate two workers reach with a full
 * queue, and a backfill; whether HubSpot refuses a call for its rate, and how often a worker calls a HubSpot that is down for a day.
 * Prints all of it; false when a share is under its limit, a call is refused, or an hour has too many calls.
 */
async function benchPacing(): Promise<boolean> {
  console.log(`pacing, on a virtual clock, two workers, calls of ${LONGEST_CALL_MS} ms on average:`);
  let isGood = true;
  for (const rate of RATES) {
    const { share, refused, mostInTenSeconds } = await measurePacing({
      ...rate,
      longestCall: LONGEST_CALL_MS,
    });
    console.log(
      `  ${rate.requestsPerSecond}/s with a full queue: ${(share * 100).toFixed(0)} % of it (limit ${LEAST_SHARE * 100} %), ` +
        `${refused} answers 429, at most ${mostInTenSeconds} calls in 10 s of ${rate.tenSecondly} allowed`,
    );
    isGood &&= share >= LEAST_SHARE && refused === 0;
  }
  for (const { requestsPerSecond } of RATES) {
    const { share, calls, refused } = await measureBackfill({
      requestsPerSecond,
      longestCall: 2 * LONGEST_CALL_MS,
    });
    console.log(
      `  ${requestsPerSecond}/s in a backfill into a folder: ${(share * 100).toFixed(0)} % of it over ${calls} calls (limit ${LEAST_SHARE * 100} %), ` +
        `${refused} answers 429`,
    );
    isGood &&= share >= LEAST_SHARE && refused === 0;
  }
  const { callsPerHour } = await liveThrough(planDay('bench', THREADS), { kind: 'down', retryAfter: false });
  // Three threads have to fail before a worker knows that it is HubSpot.
  const most = Math.max(...callsPerHour.flatMap((hours) => hours.slice(3)));
  console.log(`  HubSpot down for a day: ${most} calls an hour and worker (limit ${MOST_CALLS_PER_HOUR})`);
  return isGood && most <= MOST_CALLS_PER_HOUR;
}

process.exitCode = (await benchPacing()) ? 0 : 1;
