import { Refusal } from './answers.ts';

/** The account's limits. */
export type RateLimits = {
  /** Calls in any 10 seconds. 190 for a Professional account's private app. */
  tenSecondly: number;
  /** Calls from midnight to midnight in the account's time zone. */
  daily: number;
  /** An IANA name, e.g. `Europe/Berlin`. */
  timeZone: string;
  /** Whether a 429 says how many seconds to wait; HubSpot does not document that it does. */
  retryAfter: boolean;
};

/** Counts calls against the limits. */
export type RateLimiter = {
  /** Counts a call. @throws Refusal 429, which is not counted */
  count: (requestId: string) => void;
  /** The headers that every answer carries. */
  headers: () => Record<string, string>;
};

const WINDOW_MS = 10_000;
// Deprecated by HubSpot and still sent; nothing enforces it.
const SECONDLY_LIMIT = 19;

/**
 * The rolling limit of 10 seconds and the daily one. Limits, headers and the 429's body as in HubSpot's usage guidelines
 * (https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, read November 2026).
 */
export function createRateLimiter(limits: RateLimits, now: () => number): RateLimiter {
  const dayOf = createDayReader(limits.timeZone);
  const window = createWindow();
  let day = '';
  let callsToday = 0;
  const startDay = (at: number): void => {
    const today = dayOf(at);
    if (today !== day) [day, callsToday] = [today, 0];
  };

  return {
    count: (requestId) => {
      const at = now();
      startDay(at);
      if (callsToday >= limits.daily) throw tooMany('DAILY', requestId, limits.retryAfter ? 3600 : undefined);
      if (window.since(at - WINDOW_MS) >= limits.tenSecondly) {
        const waitSeconds = Math.ceil(((window.oldest() ?? at) + WINDOW_MS - at) / 1000);
        throw tooMany('TEN_SECONDLY_ROLLING', requestId, limits.retryAfter ? waitSeconds : undefined);
      }
      window.add(at);
      callsToday++;
    },
    headers: () => {
      const at = now();
      startDay(at);
      const remaining = limits.tenSecondly - window.since(at - WINDOW_MS);
      const inThisSecond = window.countAfter(at - 1000);
      return {
        'x-hubspot-ratelimit-max': String(limits.tenSecondly),
        'x-hubspot-ratelimit-remaining': String(remaining),
        'x-hubspot-ratelimit-interval-milliseconds': String(WINDOW_MS),
        'x-hubspot-ratelimit-secondly': String(SECONDLY_LIMIT),
        'x-hubspot-ratelimit-secondly-remaining': String(Math.max(0, SECONDLY_LIMIT - inThisSecond)),
        'x-hubspot-ratelimit-daily': String(limits.daily),
        'x-hubspot-ratelimit-daily-remaining': String(limits.daily - callsToday),
      };
    },
  };
}

type Window = {
  add: (at: number) => void;
  /** Forgets the calls up to that instant, and counts the others. */
  since: (instant: number) => number;
  /** Counts the calls after that instant. */
  countAfter: (instant: number) => number;
  oldest: () => number | undefined;
};

function createWindow(): Window {
  let calls: number[] = [];
  let first = 0; // index of the first call that is still remembered
  return {
    add: (at) => {
      calls.push(at);
    },
    since: (instant) => {
      while ((calls[first] ?? Infinity) <= instant) first++;
      if (first > 1000) {
        calls = calls.slice(first);
        first = 0;
      }
      return calls.length - first;
    },
    countAfter: (instant) => calls.length - calls.findLastIndex((call) => call <= instant) - 1,
    oldest: () => calls[first],
  };
}

function tooMany(
  policyName: 'DAILY' | 'TEN_SECONDLY_ROLLING',
  requestId: string,
  retryAfterSeconds?: number,
): Refusal {
  const message = `You have reached your ${policyName.toLowerCase()} limit.`;
  const members = { errorType: 'RATE_LIMIT', policyName, requestId };
  return new Refusal(429, message, members, retryAfterSeconds);
}

/** The account's calendar day. Asks Intl once a minute: it is slow, and every zone changes days on a whole minute. */
function createDayReader(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  let minute = -1;
  let day = '';
  return (at) => {
    const current = Math.floor(at / 60_000);
    if (current !== minute) [minute, day] = [current, format.format(at)];
    return day;
  };
}
