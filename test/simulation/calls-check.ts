import { type Outcome } from './final-check.ts';
import { type Episode } from './plan.ts';

const WINDOW_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Whether the calls of HubSpot were no more than they had to be. */
export function checkCalls(outcome: Outcome, processes: number): void {
  checkRate(outcome, processes);
  for (const episode of outcome.stage.plan.episodes) checkTrouble(outcome, episode);
  checkWrongTokens(outcome);
}

/** Below the configured rate. */
function checkRate({ stage, hubspot: { calls } }: Outcome, processes: number): void {
  const { requestsPerSecond, workers, oneProcess } = stage.plan.settings;
  const pacers = oneProcess ? 1 : workers;
  const perProcess = requestsPerSecond / pacers;
  // A pacer rounds up, and a process that is replaced begins anew; what was made up for before is not known to it.
  const most = requestsPerSecond * 10 + pacers + (processes - pacers) * (perProcess + 2);
  const burst = calls.findIndex(
    ({ at }, n) => (calls[n + Math.floor(most)]?.at ?? Infinity) - at < WINDOW_MS,
  );
  if (burst !== -1) stage.violate(7, `more than ${most} calls of HubSpot in ten seconds`);
}

// Of each process, until it has found out that HubSpot answers nobody. Measured: 37 while it is down, 17 in a used-up day.
const CALLS_TO_FIND_OUT = 50;
// Then one now and then finds out whether it does again: when the time is over for which HubSpot asks to be left alone,
// and otherwise every five minutes, or every hour of a used-up day.
const CALLS_PER_HOUR = { down: { told: 31, untold: 14 }, daily: { told: 2, untold: 1 } };

/** Few while HubSpot answers nobody, however many threads wait. */
function checkTrouble({ stage, hubspot }: Outcome, { kind, from, until, retryAfter }: Episode): void {
  const { startAt } = stage.plan.settings;
  const hours = (until - from) / HOUR_MS;
  const isDaily = kind === 'daily';
  // Shorter ones come with too few threads for anybody to know that it is not for one of them alone.
  if (kind === 'burst' || (!isDaily && hours < 1)) return;
  const told = retryAfter && (isDaily || kind === 'down') ? 'told' : 'untold';
  const allowed = CALLS_TO_FIND_OUT + CALLS_PER_HOUR[isDaily ? 'daily' : 'down'][told] * hours;
  const during = hubspot.calls.filter(
    // A call with a wrong token does not get as far as the quota.
    ({ at, status }) => at >= startAt + from && at < startAt + until && (!isDaily || status === 429),
  );
  for (const [by, { length: calls }] of Map.groupBy(during, (call) => call.by)) {
    if (calls > allowed)
      stage.violate(7, `${calls} calls of HubSpot by ${by} in ${hours} hours without an answer`);
  }
}

// A token that was refused is read anew if it is older than half a minute. Some stand in line with the old one then, and
// a request keeps its token through four calls, each of which may wait for 20 s and for its turn.
const OLD_TOKEN_MS = 60_000;
const OLD_REQUEST_MS = 130_000;

/** A token that was replaced is not used again by a process that has been told so when it could read the new one. */
function checkWrongTokens({ stage, hubspot: { calls } }: Outcome): void {
  const { startAt, newTokenAfter, secretLag = 0 } = stage.plan.settings;
  if (newTokenAfter === undefined) return;
  const putAt = startAt + newTokenAfter + secretLag;
  const toldAt = new Map<string, number>();
  for (const { at, by, isWrongToken = false, readAt = Infinity } of calls) {
    if (!isWrongToken) continue;
    const told = toldAt.get(by) ?? Infinity;
    if (at > told + OLD_REQUEST_MS) stage.violate(7, `${by} still uses the old access token`);
    if (at > putAt + OLD_TOKEN_MS) toldAt.set(by, Math.min(told, readAt));
  }
}
