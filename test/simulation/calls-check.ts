import { type Outcome } from './final-check.ts';
import { type Call } from './hubspot.ts';
import { type Episode } from './plan.ts';

const WINDOW_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Whether the calls of HubSpot were no more than they had to be. */
export function checkCalls(outcome: Outcome, processes: number): void {
  checkRate(outcome, processes);
  for (const episode of outcome.stage.plan.episodes) {
    if (episode.kind === 'daily') checkQuota(outcome, episode);
    else if (episode.kind !== 'burst') checkOutage(outcome, episode);
  }
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

function during({ stage, hubspot: { calls } }: Outcome, { from, until }: Episode): Call[] {
  const { startAt } = stage.plan.settings;
  return calls.filter(({ at }) => at >= startAt + from && at < startAt + until);
}

/** Few while a day's quota is used up. */
function checkQuota(outcome: Outcome, episode: Episode): void {
  const { length: calls } = during(outcome, episode);
  // A record asks when it is first tried, and then once in half an hour at the most.
  const times = 1 + Math.ceil((episode.until - episode.from) / (HOUR_MS / 2));
  const allowed = outcome.queue.accepted.length * 2 * times;
  if (calls > allowed)
    outcome.stage.violate(7, `${calls} calls of HubSpot while the day was used up, not ${allowed}`);
}

// Of each process, until it has found out that HubSpot answers nobody; and then one every five minutes, or whenever the
// time is over for which HubSpot asks to be left alone. Measured: 37 in the first half hour, 12 or 30 in every hour after.
const CALLS_TO_FIND_OUT = 50;
const CALLS_PER_HOUR = { told: 31, untold: 14 };

/** Few while HubSpot answers nobody, however many threads wait. */
function checkOutage(outcome: Outcome, episode: Episode): void {
  const hours = (episode.until - episode.from) / HOUR_MS;
  // Shorter ones come with too few threads for anybody to know that it is not for one of them alone.
  if (hours < 1) return;
  const perProcess = Map.groupBy(during(outcome, episode), ({ by }) => by);
  const isTold = episode.kind === 'down' && episode.retryAfter;
  const allowed = CALLS_TO_FIND_OUT + CALLS_PER_HOUR[isTold ? 'told' : 'untold'] * hours;
  for (const [by, { length: calls }] of perProcess) {
    if (calls <= allowed) continue;
    outcome.stage.violate(7, `${calls} calls of HubSpot by ${by} while it was down, not ${allowed}`);
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
