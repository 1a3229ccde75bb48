import { createDraw, type Draw } from './choices.ts';
import { drawThread, numberSteps, type UnnumberedStep } from './draw-thread.ts';
import {
  type Action,
  type Episode,
  NO_QUIRKS,
  NO_SHARES,
  type Plan,
  type Settings,
  type Shares,
} from './plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Everything at once, as a rule. Now and then something that chance alone would rarely bring: a day without quota,
 * HubSpot down for hours while many threads wait, fetches that overlap while messages are edited, or an access token that
 * is replaced while there is much to do.
 */
export type Kind = 'mixed' | 'quota' | 'outage' | 'overlap' | 'token';

/** A schedule for this seed, and of this kind if one is named. */
export function drawPlan(seed: string, kind?: Kind): Plan {
  const random = createDraw(seed);
  const drawn = drawKind(random);
  const plan = drawMixed(seed, random);
  switch (kind ?? drawn) {
    case 'mixed':
      return plan;
    case 'quota':
      return spendQuota(random, plan);
    case 'outage':
      return goDown(random, plan);
    case 'overlap':
      return overlap(random, plan);
    case 'token':
      return replaceToken(random, plan);
  }
}

function drawKind(random: Draw): Kind {
  const at = random.next();
  if (at < 0.01) return 'quota';
  if (at < 0.015) return 'outage';
  if (at < 0.02) return 'token';
  return at < 0.05 ? 'overlap' : 'mixed';
}

function drawMixed(seed: string, random: Draw): Plan {
  const growth = random.int(5_000, random.pick([20_000, MINUTE, 6 * MINUTE]));
  const threads = random.pick([1, 1, 2, 3]);
  const steps: UnnumberedStep[] = [];
  for (let thread = 0; thread < threads; thread++) steps.push(...drawThread(random, thread, growth));
  const settings = drawSettings(random, { threads, growth });
  const episodes = drawEpisodes(random, growth);
  if (episodes.some(({ kind }) => kind === 'daily') || (settings.secretLag ?? 0) > 5 * MINUTE) {
    // A record that waits takes its own place on the queue, and is there twice when a worker dies in between. With a
    // crash in every twentieth call, or slow calls that outlast an invocation or a visibility time-out, hours of waiting
    // would make thousands of it.
    settings.shares.crash /= 10;
    settings.shares.queue /= 10;
    settings.invocationLimit = Math.max(settings.invocationLimit, 2 * MINUTE);
    settings.visibility = 30 * MINUTE;
  }
  return { seed, settings, episodes, steps: numberSteps(steps) };
}

/** Nothing goes wrong, but that HubSpot has no call left for up to a day. */
function spendQuota(random: Draw, { settings, ...plan }: Plan): Plan {
  const { poison: _, ...others } = settings;
  const from = random.int(0, MINUTE);
  const until = from + random.int(HOUR, 24 * HOUR);
  const day: Episode = { kind: 'daily', from, until, retryAfter: random.chance(0.5) };
  return { ...plan, settings: { ...others, shares: NO_SHARES }, episodes: [day] };
}

/** HubSpot answers nobody for hours; all of the many threads have something to be archived from the beginning. */
function goDown(random: Draw, { settings, ...plan }: Plan): Plan {
  const { poison: _, newTokenAfter: __, ...others } = settings;
  const steps: UnnumberedStep[] = [];
  for (let thread = random.int(12, 20); thread >= 0; thread--) {
    steps.push({ at: random.int(0, MINUTE), thread, action: { kind: 'create', lateMs: 0 } });
    const sayAt = random.int(MINUTE, HOUR);
    steps.push({ at: sayAt, thread, action: { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: 0 } });
  }
  const kind = random.pick(['down', 'dropping', 'stalling'] as const);
  const until = random.int(90 * MINUTE, 3 * HOUR);
  const episodes: Episode[] = [{ kind, from: 0, until, retryAfter: random.chance(0.3) }];
  const shares = { ...NO_SHARES, jitter: settings.shares.jitter };
  // An invocation that runs out of time takes with it what its process knows of HubSpot.
  const inTime = { requestsPerSecond: 10, longestCall: 1_000, invocationLimit: 5 * MINUTE };
  return { ...plan, settings: { ...others, ...inTime, shares }, steps: numberSteps(steps), episodes };
}

/** Calls take long, several workers are at one thread at once, and what they read changes under their hands. */
function overlap(random: Draw, plan: Plan): Plan {
  const steps: UnnumberedStep[] = [{ at: 0, thread: 0, action: { kind: 'create', lateMs: 0 } }];
  const add = (at: number, action: Action) => steps.push({ at, thread: 0, action });
  const bursts = random.int(3, 6);
  // Of the first two that are said.
  const target = () => random.int(0, 1);
  for (let n = 1; n <= bursts; n++) {
    const at = n * 40_000;
    for (let say = 0; say < 2; say++) {
      add(at + random.int(0, 2_000), { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: 0 });
    }
    for (let edits = random.int(3, 8); edits > 0; edits--) {
      const style = random.pick(['stamped', 'stamped', 'silent', 'back'] as const);
      add(at + random.int(0, 20_000), { kind: 'edit', target: target(), style });
    }
  }
  if (random.chance(0.5)) add(random.int(MINUTE, bursts * 40_000), { kind: 'remove', target: target() });
  const { poison: _, newTokenAfter: __, ...others } = plan.settings;
  const workers = random.int(2, 4);
  const skews = Array.from({ length: workers }, () => 0);
  const slowly = {
    longestCall: 4_000,
    requestsPerSecond: 50,
    pageSize: random.pick([2, 5]),
    countingCursors: false,
  };
  const shares = { ...plan.settings.shares, jitter: 1, crash: random.pick([0, 0.05]) };
  const settings = {
    ...others,
    ...slowly,
    workers,
    skews,
    coalesce: 0,
    visibility: MINUTE,
    batchSize: 1,
    shares,
  };
  return { ...plan, settings, steps: numberSteps(steps), episodes: [] };
}

/** Something is said again and again for ten minutes, and in the middle of it the access token is replaced. */
function replaceToken(random: Draw, { settings, ...plan }: Plan): Plan {
  const steps: UnnumberedStep[] = [];
  for (let thread = 0; thread < 3; thread++) {
    steps.push({ at: 0, thread, action: { kind: 'create', lateMs: 0 } });
    for (let at = 0; at < 10 * MINUTE; at += random.int(10_000, MINUTE)) {
      steps.push({ at, thread, action: { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: 0 } });
    }
  }
  const { poison: _, ...others } = settings;
  const token = { newTokenAfter: random.int(MINUTE, 5 * MINUTE), secretLag: 0 };
  const shares = { ...NO_SHARES, jitter: settings.shares.jitter };
  const changed = { ...others, ...token, requestsPerSecond: 10, longestCall: 1_000, shares };
  return { ...plan, settings: changed, steps: numberSteps(steps), episodes: [] };
}

function drawSettings(random: Draw, { threads, growth }: { threads: number; growth: number }): Settings {
  const workers = random.pick([1, 2, 2, 3, 4]);
  const isSkewed = random.chance(0.5);
  const skew = () => (isSkewed ? random.int(-3 * MINUTE, 3 * MINUTE) : 0);
  return {
    // Minutes before a midnight: a schedule's messages are of two days.
    startAt: Date.UTC(2026, 10, 7, 24) - random.int(0, growth),
    workers,
    oneProcess: random.chance(0.3),
    skews: Array.from({ length: workers }, skew),
    receiverSkew: skew(),
    visibility: random.pick([30 * MINUTE, 6 * MINUTE, MINUTE]),
    // The shortest leaves ten seconds to begin a thread in, and forty to read it.
    invocationLimit: random.pick([5 * MINUTE, 2 * MINUTE, 70_000]),
    mostPages: random.chance(0.1) ? random.int(1, 3) : Infinity,
    coalesce: random.pick([0, 0, 1_000, 15_000, 15_000, 60_000]),
    batchSize: random.pick([10, 10, 3, 1]),
    requestsPerSecond: random.pick([10, 10, 50, 2]),
    calmAfter: random.chance(0.3) ? random.int(1_000, 40 * MINUTE) : 0,
    longestCall: random.pick([50, 1_000, 8_000, 30_000]),
    pageSize: random.pick([2, 3, 5, 100]),
    countingCursors: random.chance(0.3),
    quirks: random.pick([NO_QUIRKS, { shortPages: 0.3, emptyPages: 0.1, danglingCursors: 0.3 }]),
    trashReading: random.pick(['flag', 'no flag']),
    gatherFor: random.pick([0, 0, 0, 200, 3_000]),
    ...(random.chance(0.08) && { poison: random.int(0, threads - 1) }),
    ...(random.chance(0.1) && { newTokenAfter: random.int(0, growth), secretLag: drawSecretLag(random) }),
    shares: drawShares(random),
  };
}

function drawSecretLag(random: Draw): number {
  return random.chance(0.5) ? 0 : random.int(1, random.pick([MINUTE, HOUR]));
}

function drawShares(random: Draw): Shares {
  const most = { jitter: 1, slow: 0.1, crash: 0.06, hubspot: 0.3, store: 0.2, queue: 0.3, webhook: 0.4 };
  const share = (name: keyof Shares) => (random.chance(0.5) ? random.next() * most[name] : 0);
  const names = Object.keys(NO_SHARES) as (keyof Shares)[];
  return Object.fromEntries(names.map((name) => [name, share(name)])) as Shares;
}

function drawEpisodes(random: Draw, growth: number): Episode[] {
  if (!random.chance(0.15)) return [];
  const from = random.int(0, growth);
  const kind = random.pick(['daily', 'burst', 'down', 'dropping', 'stalling'] as const);
  const down = 30 * MINUTE;
  const longest = { daily: 6 * HOUR, burst: 2 * MINUTE, down, dropping: down, stalling: down }[kind];
  return [{ kind, from, until: from + random.int(5_000, longest), retryAfter: random.chance(0.5) }];
}
