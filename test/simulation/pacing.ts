import { type Run, simulate } from './simulate.ts';
import { CREATE, plainPlan, SAY } from './plain-plan.ts';
import { type Step } from './plan.ts';

/** How a rate is set, and the limit that it has to stay below, as an account's plan has it. */
export type Rate = {
  requestsPerSecond: number;
  /** Calls that HubSpot allows in any ten seconds. */
  tenSecondly: number;
  /** How long a call of HubSpot or the store takes at most, either way, in milliseconds; half of that as a rule. */
  longestCall?: number;
};

/** How a full queue is worked off. */
export type Pacing = {
  run: Run;
  /** Share of the configured rate that is reached while the queue is full. */
  share: number;
  /** How many calls HubSpot refused for their rate. */
  refused: number;
  /** The most calls that reached HubSpot in any ten seconds. */
  mostInTenSeconds: number;
};

const THREADS = 400;
const HOUR = 3_600_000;
const WINDOW_MS = 10_000;

/** Hundreds of threads at once, and the stack's two workers, on the virtual clock. */
export async function measurePacing({
  requestsPerSecond,
  tenSecondly,
  longestCall = 150,
}: Rate): Promise<Pacing> {
  const steps: Omit<Step, 'id'>[] = [];
  for (let thread = 0; thread < THREADS; thread++) {
    steps.push({ at: 0, thread, action: CREATE }, { at: 0, thread, action: SAY });
  }
  // It does nothing, so that the next events come when the queue is long empty.
  steps.push({ at: HOUR, thread: 0, action: { kind: 'restore' } });
  const settings = { requestsPerSecond, tenSecondly, longestCall, gatherFor: 500 };
  const run = await simulate(plainPlan({ seed: 'pacing', settings, steps }));

  const calls = run.calls.filter(({ at }) => at < run.plan.settings.startAt + HOUR);
  return {
    run,
    share: rateOf(calls.map(({ at }) => at)) / requestsPerSecond,
    refused: calls.filter(({ status }) => status === 429).length,
    mostInTenSeconds: mostInWindow(calls.map(({ arrivedAt }) => arrivedAt ?? Infinity)),
  };
}

/** Calls per second between the first tenth and the last, in which the workers begin and run out of work. */
function rateOf(times: readonly number[]): number {
  const full = times.slice(times.length * 0.1, times.length * 0.9);
  return ((full.length - 1) / (full.at(-1)! - full[0]!)) * 1000;
}

function mostInWindow(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  let from = 0;
  let most = 0;
  for (const [n, at] of sorted.entries()) {
    while (at - sorted[from]! >= WINDOW_MS) from++;
    most = Math.max(most, n - from + 1);
  }
  return most;
}
