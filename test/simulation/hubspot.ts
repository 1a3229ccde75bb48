import {
  type ApiAnswer,
  answerRefusal,
  Refusal,
  unauthenticated,
} from '../../local/simulated-hubspot/answers.ts';
import { type Fault } from '../../local/simulated-hubspot/faults.ts';
import { writePage } from '../../local/simulated-hubspot/paging.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { threadIdAt } from '../../local/simulated-hubspot/thread-profile.ts';
import { placeOf, visibleEntries } from '../../local/simulated-hubspot/world.ts';
import { type Account, createAccount } from './account.ts';
import { type Choice, type Draw } from './choices.ts';
import { callOutside, Lasting, type Life, sleepIn } from './life.ts';
import { MARKERS } from './markers.ts';
import { timeLimitOf } from './real-work.ts';
import { type Stage } from './stage.ts';

/** HubSpot as the workers meet it. */
export type HubSpot = {
  account: Account;
  /** The `fetch` of a process. */
  fetchFor: (life: Life) => typeof globalThis.fetch;
  /** The access token of the moment. */
  token: () => string;
  /** Asks HubSpot itself, past all faults. */
  ask: (path: string) => ApiAnswer;
  /** When each call was made. */
  calls: number[];
};

const PORTAL_ID = 62515;
const NO_QUIRKS = { shortPages: 0, emptyPages: 0, danglingCursors: 0 };
const KINDS = [
  ...['500', '502', '503', '504', '521', '423', '477', '429', '429', '429 daily', '401', '200 html'],
  ...['truncated', 'dropped', 'cut', 'stalled', 'stalled body', 'repeated cursor'],
];

export function createHubSpot(stage: Stage): HubSpot {
  const { clock, choices, plan } = stage;
  const { settings } = plan;
  const hubspot = createSimulatedHubSpot({
    seed: plan.seed,
    portalId: PORTAL_ID,
    now: clock.now,
    late: { share: 0, maxMs: 0 },
    // Counting cursors are cut here, from whole lists.
    paging: settings.countingCursors ? NO_QUIRKS : settings.quirks,
    rateLimits: { tenSecondly: Infinity, daily: Infinity },
    trashReading: settings.trashReading,
  });
  const { world } = hubspot;
  const calls: number[] = [];
  const quietUntil = new WeakMap<Life, number>();
  const headers = { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}` };
  const ask = (path: string) => hubspot.handle({ method: 'GET', path, headers });
  const poisoned = settings.poison === undefined ? undefined : `/threads/${threadIdAt(settings.poison)}`;
  const token = () =>
    clock.now() < settings.startAt + (settings.newTokenAfter ?? 0) ? MARKERS.token : `${MARKERS.token}-new`;

  /** What HubSpot does with a call when it arrives. */
  function answer(url: URL, authorization: string | null, choice: Choice): ApiAnswer {
    if (authorization !== `Bearer ${token()}`) return answerRefusal(unauthenticated(), 'unauthenticated');
    const episode = stage.episode();
    if (episode !== undefined) stage.count(`episode ${episode.kind}`);
    if (episode?.kind === 'daily') return tooMany('DAILY', episode.retryAfter ? 1800 : undefined);
    if (episode?.kind === 'burst') return tooMany('TEN_SECONDLY_ROLLING', episode.retryAfter ? 7 : undefined);
    if (episode?.kind === 'down') return withFault({ kind: 'status', status: 503 }, url);
    if (poisoned !== undefined && url.pathname.includes(poisoned)) {
      return answerRefusal(new Refusal(400, MARKERS.error, {}), 'poison');
    }
    switch (choice.fault) {
      case undefined:
        return readAt(url);
      case '429':
        return tooMany('TEN_SECONDLY_ROLLING', choice.value);
      case '429 daily':
        return tooMany('DAILY', choice.value);
      case '401':
        return answerRefusal(unauthenticated(), 'unauthenticated');
      case '200 html':
        return withFault({ kind: 'status', status: 200, html: true }, url);
      case 'truncated':
      case 'dropped':
      case 'cut':
      case 'stalled':
        return withFault({ kind: choice.fault }, url);
      case 'stalled body':
        return readAt(url);
      case 'repeated cursor':
        return repeatCursor(readAt(url), url);
      default:
        return withFault(statusFault(Number(choice.fault), choice.value), url);
    }
  }

  function withFault(fault: Fault, url: URL): ApiAnswer {
    hubspot.faults.next(1, fault);
    const spoilt = readAt(url);
    hubspot.faults.clear();
    return spoilt;
  }

  /** HubSpot may give smaller pages than it was asked for. */
  function readAt(url: URL): ApiAnswer {
    const threadId = /\/threads\/(\d+)\/messages$/.exec(url.pathname)?.[1];
    const query = new URLSearchParams(url.search);
    if (threadId === undefined) return ask(`${url.pathname}${url.search}`);
    query.set('limit', String(settings.pageSize));
    const after = query.get('after');
    const whole = settings.countingCursors ? { ...Object.fromEntries(query), limit: '100' } : undefined;
    if (whole === undefined) return ask(`${url.pathname}?${query.toString()}`);
    query.delete('after');
    query.set('limit', '100');
    const first = ask(`${url.pathname}?${query.toString()}`);
    const thread = world.threads.get(threadId);
    if (first.status !== 200 || thread === undefined || placeOf(world, thread) === undefined) return first;
    const from = Number(after ?? 0);
    const isEmpty = (JSON.parse(String(first.body)) as { results: unknown[] }).results.length === 0;
    const entries = isEmpty ? [] : visibleEntries(world, thread);
    const to = from + settings.pageSize;
    const texts = entries.slice(from, to).map((entry) => entry.json);
    const next = to < entries.length ? String(to) : undefined;
    return { ...first, body: writePage(texts, { path: url.pathname, query, after: next }) };
  }

  /** A process that has read such an answer makes no call before the wait is over. */
  function beQuiet(life: Life, answered: ApiAnswer): void {
    const wait = toldToWait(answered);
    if (wait !== undefined) quietUntil.set(life, Math.max(quietUntil.get(life) ?? 0, clock.now() + wait));
  }

  const fetchFor =
    (life: Life): typeof globalThis.fetch =>
    (input, init) => {
      const url = input as URL;
      const authorization = new Headers(init?.headers).get('authorization');
      const startedAt = clock.now();
      const limit = timeLimitOf(init?.signal);
      calls.push(startedAt);
      if (startedAt < (quietUntil.get(life) ?? 0))
        stage.violate(7, `${life.name} calls HubSpot before the wait after a 429 is over`);
      const place = `GET ${url.pathname.replace(/^.*threads/, 'threads')}`;
      const choice = choices.take(place, (random) => stage.draw(random, 'hubspot', drawFault));
      return callOutside(clock, stage.call(life, place, choice), () => {
        const answered = answer(url, authorization, choice);
        stage.trace(() => `${life.name} ${place}${url.search} -> ${answered.status} ${answered.transport}`);
        const left = startedAt + limit - clock.now();
        const transport = choice.fault === 'stalled body' ? 'stalled body' : answered.transport;
        const after = choice.after ?? 3;
        if (transport === 'stalled' || after >= left) return new Lasting(Math.max(0, left), timeOut);
        if (transport === 'dropped') throw new TypeError(`fetch failed ${MARKERS.error}`);
        return toResponse(answered, clock.now(), async () => {
          if (transport === 'cut') throw new TypeError(`terminated ${MARKERS.error}`);
          if (transport !== 'stalled body') {
            beQuiet(life, answered);
            return;
          }
          await sleepIn(clock, life, left - after);
          timeOut();
        });
      });
    };

  return { account: createAccount(world), fetchFor, token, ask, calls };
}

function drawFault(random: Draw): Choice {
  const fault = random.pick(KINDS);
  if (fault === '429') return { fault, ...(random.chance(0.5) && { value: random.int(1, 20) }) };
  if (fault === '429 daily') return { fault, ...(random.chance(0.5) && { value: random.int(60, 7200) }) };
  if (fault === '503') return { fault, ...(random.chance(0.5) && { value: random.int(1, 40) }) };
  return { fault };
}

function statusFault(status: number, retryAfterSeconds: number | undefined): Fault {
  const html = status === 502 || status >= 520;
  return { kind: 'status', status, html, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

function tooMany(policyName: string, retryAfterSeconds: number | undefined): ApiAnswer {
  const members = { errorType: 'RATE_LIMIT', policyName };
  return answerRefusal(new Refusal(429, MARKERS.error, members, retryAfterSeconds), 'too-many');
}

const BURST_WINDOW_MS = 10_000;

/** How long a process is told to make no call, in milliseconds: only for waits that it sits out itself. */
function toldToWait({ status, headers, body }: ApiAnswer): number | undefined {
  const told = Number(headers['retry-after'] ?? BURST_WINDOW_MS / 1000) * 1000;
  return status === 429 && told <= 15_000 && !String(body).includes('DAILY') ? told : undefined;
}

/** The cursor that was asked with is answered once more. */
function repeatCursor(answer: ApiAnswer, url: URL): ApiAnswer {
  const asked = url.searchParams.get('after');
  if (asked === null || answer.status !== 200) return answer;
  const page = JSON.parse(String(answer.body)) as Record<string, unknown>;
  return {
    ...answer,
    body: JSON.stringify({ ...page, paging: { next: { after: encodeURIComponent(asked) } } }),
  };
}

function toResponse(answer: ApiAnswer, now: number, readBody: () => Promise<void>): Response {
  const headers = new Headers({ ...answer.headers, date: new Date(now).toUTCString() });
  const { status } = answer;
  const text = async () => {
    await readBody();
    return String(answer.body);
  };
  const response: Pick<Response, 'status' | 'ok' | 'headers' | 'text'> = {
    status,
    ok: status >= 200 && status < 300,
    headers,
    text,
  };
  return response as Response;
}

function timeOut(): never {
  throw new DOMException(`aborted ${MARKERS.error}`, 'TimeoutError');
}
