import { type PagingQuirks } from '../../local/simulated-hubspot/paging.ts';
import { type TrashReading } from '../../local/simulated-hubspot/call.ts';
import { type Choice, createDraw, type Draw } from './choices.ts';

/** A schedule: what HubSpot's users do, who archives it, and what goes wrong meanwhile. The same plan, the same run. */
export type Plan = {
  seed: string;
  settings: Settings;
  steps: Step[];
  episodes: Episode[];
  /** What goes wrong, place by place; absent: as the seed and the shares say. */
  choices?: ReadonlyMap<string, Choice>;
};

/** What does not change during a schedule. Times in milliseconds. */
export type Settings = {
  /** When it begins, since 1970. */
  startAt: number;
  /** Invocations at a time. */
  workers: number;
  /** Whether the workers share a process, as on one machine, or have one each, as in Lambda. */
  oneProcess: boolean;
  /** How far each process's clock is ahead. */
  skews: number[];
  receiverSkew: number;
  visibility: number;
  invocationLimit: number;
  coalesce: number;
  batchSize: number;
  requestsPerSecond: number;
  /** How long a call may take that takes its time. */
  longestCall: number;
  pageSize: number;
  /** Whether a cursor counts messages, so that pages shift when one goes. */
  countingCursors: boolean;
  quirks: PagingQuirks;
  trashReading: TrashReading;
  /** A thread that HubSpot refuses to show, by its number. */
  poison?: number;
  /** How long things still go wrong after the last event: then the records that come again must put all right alone. */
  calmAfter: number;
  /** When the access token is replaced, after the start. */
  newTokenAfter?: number;
  shares: Shares;
};

/** Which share of the calls of a kind goes wrong, or takes its time. */
export type Shares = Record<(typeof SHARES)[number], number>;
const SHARES = ['jitter', 'slow', 'crash', 'hubspot', 'store', 'queue', 'webhook'] as const;

/** A time during which HubSpot answers nobody. In milliseconds after the start. */
export type Episode = {
  /** `daily` and `burst` are 429, `down` is 503; or connections end, or nothing comes. */
  kind: 'daily' | 'burst' | 'down' | 'dropping' | 'stalling';
  from: number;
  until: number;
  /** Whether the answers say how long to wait. */
  retryAfter: boolean;
};

/** Something that a user of HubSpot does, so many milliseconds after the start. */
export type Step = { id: number; at: number; thread: number; action: Action };
/** `target` is the id of the step that said the message. */
export type Action =
  | { kind: 'create'; lateMs: number }
  | { kind: 'say'; type: string; lateMs: number; daysAgo: number }
  | { kind: 'edit'; target: number; style: EditStyle }
  | { kind: 'remove'; target: number }
  | { kind: 'trash' }
  | { kind: 'restore' };
/** `stamped` moves `updatedAt`, `silent` does not, `back` silently brings the first text back. */
export type EditStyle = 'stamped' | 'silent' | 'back';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A schedule for this seed. */
export function drawPlan(seed: string): Plan {
  const random = createDraw(seed);
  const growth = random.int(5_000, random.pick([20_000, MINUTE, 6 * MINUTE]));
  const threads = random.pick([1, 1, 2, 3]);
  const steps: Omit<Step, 'id'>[] = [];
  for (let thread = 0; thread < threads; thread++) steps.push(...drawThread(random, thread, growth));
  const settings = drawSettings(random, { threads, growth });
  const episodes = drawEpisodes(random, growth);
  if (episodes.some(({ kind }) => kind === 'daily')) {
    // A record that waits takes its own place on the queue, and is there twice when a worker dies in between. With a
    // crash in every twentieth call, hours of waiting would make thousands of it.
    settings.shares.crash /= 10;
    settings.shares.queue /= 10;
  }
  const plan = { seed, settings, episodes, steps: numberSteps(steps) };
  return random.chance(DAY_WITHOUT_QUOTA_SHARE) ? spendQuota(random, plan) : plan;
}

const DAY_WITHOUT_QUOTA_SHARE = 0.01;

/** Nothing goes wrong, but that HubSpot has no call left for up to a day. */
function spendQuota(random: Draw, plan: Plan): Plan {
  const { poison: _, ...settings } = plan.settings;
  const shares = Object.fromEntries(SHARES.map((name) => [name, 0])) as Shares;
  const from = random.int(0, MINUTE);
  const day: Episode = {
    kind: 'daily',
    from,
    until: from + random.int(HOUR, 24 * HOUR),
    retryAfter: random.chance(0.5),
  };
  return { ...plan, settings: { ...settings, shares }, episodes: [day] };
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
    invocationLimit: random.pick([5 * MINUTE, 2 * MINUTE]),
    coalesce: random.pick([0, 0, 1_000, 15_000, 15_000, 60_000]),
    batchSize: random.pick([10, 10, 3, 1]),
    requestsPerSecond: random.pick([10, 10, 50, 2]),
    calmAfter: random.chance(0.3) ? random.int(1_000, 40 * MINUTE) : 0,
    longestCall: random.pick([50, 1_000, 8_000, 30_000]),
    pageSize: random.pick([2, 3, 5, 100]),
    countingCursors: random.chance(0.3),
    quirks: random.pick([
      { shortPages: 0, emptyPages: 0, danglingCursors: 0 },
      { shortPages: 0.3, emptyPages: 0.1, danglingCursors: 0.3 },
    ]),
    trashReading: random.pick(['flag', 'no flag']),
    ...(random.chance(0.08) && { poison: random.int(0, threads - 1) }),
    ...(random.chance(0.1) && { newTokenAfter: random.int(0, growth) }),
    shares: drawShares(random),
  };
}

function drawShares(random: Draw): Shares {
  const most = { jitter: 1, slow: 0.1, crash: 0.06, hubspot: 0.3, store: 0.2, queue: 0.3, webhook: 0.4 };
  const share = (name: keyof Shares) => (random.chance(0.5) ? random.next() * most[name] : 0);
  return Object.fromEntries(SHARES.map((name) => [name, share(name)])) as Shares;
}

function drawEpisodes(random: Draw, growth: number): Episode[] {
  if (!random.chance(0.15)) return [];
  const from = random.int(0, growth);
  const kind = random.pick(['daily', 'burst', 'down', 'dropping', 'stalling'] as const);
  const down = 30 * MINUTE;
  const longest = { daily: 6 * HOUR, burst: 2 * MINUTE, down, dropping: down, stalling: down }[kind];
  return [{ kind, from, until: from + random.int(5_000, longest), retryAfter: random.chance(0.5) }];
}

// Most types send an event, some do not.
const TYPES = ['MESSAGE', 'MESSAGE', 'MESSAGE', 'COMMENT', 'ASSIGNMENT', 'THREAD_STATUS_CHANGE'];
const LONGEST_LATE = MINUTE;

function drawThread(random: Draw, thread: number, growth: number): Omit<Step, 'id'>[] {
  const steps: Omit<Step, 'id'>[] = [];
  const late = random.chance(0.5) ? random.next() * 0.5 : 0;
  const lateMs = () => (random.chance(late) ? random.int(1, LONGEST_LATE) : 0);
  const createdAt = random.int(0, Math.floor(growth / 2));
  const add = (at: number, action: Action) => steps.push({ at: Math.floor(at), thread, action });
  const someTime = () => createdAt + random.next() * (growth - createdAt);

  add(createdAt, { kind: 'create', lateMs: lateMs() });
  const history = random.chance(0.4) ? random.int(1, 4) : 0;
  for (let n = 0; n < history; n++) {
    add(createdAt, { kind: 'say', type: 'MESSAGE', lateMs: 0, daysAgo: random.int(1, 3) });
  }
  for (let n = random.int(1, 7); n > 0; n--) {
    add(someTime(), { kind: 'say', type: random.pick(TYPES), lateMs: lateMs(), daysAgo: 0 });
  }
  const edits = random.chance(0.6) ? random.int(1, 4) : 0;
  // Targets are counted within the thread here; `numberSteps` makes step ids of them.
  const says = steps.length - 1;
  const target = () => random.int(0, says - 1);
  const favourite = target();
  for (let n = 0; n < edits; n++) {
    const style = random.pick(['stamped', 'silent', 'silent', 'back'] as const);
    add(someTime(), { kind: 'edit', target: random.chance(0.6) ? favourite : target(), style });
  }
  for (let n = random.pick([0, 0, 1, 2]); n > 0; n--)
    add(someTime(), { kind: 'remove', target: random.chance(0.4) ? 0 : target() });
  if (random.chance(0.2)) {
    const trashedAt = someTime();
    add(trashedAt, { kind: 'trash' });
    if (random.chance(0.6)) add(trashedAt + random.next() * (growth - trashedAt), { kind: 'restore' });
  }
  return steps;
}

function numberSteps(steps: Omit<Step, 'id'>[]): Step[] {
  const numbered = steps.map((step, id) => ({ ...step, id }));
  for (const step of numbered) {
    if (step.action.kind !== 'edit' && step.action.kind !== 'remove') continue;
    const says = numbered.filter(({ thread, action }) => thread === step.thread && action.kind === 'say');
    step.action = { ...step.action, target: says[step.action.target]!.id };
  }
  return numbered.sort((one, other) => one.at - other.at || one.id - other.id);
}
