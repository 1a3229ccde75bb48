import { type Choice } from './choices.ts';
import { type Action, NO_QUIRKS, NO_SHARES, type Plan, type Settings, type Step } from './plan.ts';

/** A schedule written by hand: nothing goes wrong in it but what it says itself. */
export type PlainPlan = {
  seed: string;
  settings?: Partial<Settings>;
  steps: readonly Omit<Step, 'id'>[];
  episodes?: Plan['episodes'];
  choices?: ReadonlyMap<string, Choice>;
};

const MINUTE = 60_000;

/** As the stack is set up by default, at noon. */
const AS_DEPLOYED: Omit<Settings, 'skews'> = {
  startAt: Date.UTC(2026, 10, 7, 12),
  workers: 2,
  oneProcess: false,
  receiverSkew: 0,
  visibility: 30 * MINUTE,
  invocationLimit: 5 * MINUTE,
  mostPages: Infinity,
  coalesce: 15_000,
  gatherFor: 0,
  batchSize: 10,
  requestsPerSecond: 10,
  longestCall: 150,
  pageSize: 100,
  countingCursors: false,
  quirks: NO_QUIRKS,
  trashReading: 'flag',
  calmAfter: 0,
  // Calls take their time, and nothing else.
  shares: { ...NO_SHARES, jitter: 1 },
};

/** The schedule, with the settings that it does not name as the stack has them. */
export function plainPlan({ seed, settings = {}, steps, episodes = [], choices }: PlainPlan): Plan {
  const workers = settings.workers ?? AS_DEPLOYED.workers;
  return {
    seed,
    settings: { ...AS_DEPLOYED, skews: Array.from({ length: workers }, () => 0), ...settings },
    steps: steps.map((step, id) => ({ ...step, id })).sort((one, other) => one.at - other.at),
    episodes: [...episodes],
    ...(choices !== undefined && { choices }),
  };
}

/** Something said now, that HubSpot shows at once. */
export const SAY: Action = { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: 0 };
/** A thread begun now. */
export const CREATE: Action = { kind: 'create', lateMs: 0 };
