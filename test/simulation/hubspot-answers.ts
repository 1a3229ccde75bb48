import {
  type ApiAnswer,
  answerRefusal,
  Refusal,
  unauthenticated,
} from '../../local/simulated-hubspot/answers.ts';
import { type Fault, spoil } from '../../local/simulated-hubspot/faults.ts';
import { createRateLimiter } from '../../local/simulated-hubspot/rate-limit.ts';
import { threadIdAt } from '../../local/simulated-hubspot/thread-profile.ts';
import { type World } from '../../local/simulated-hubspot/world.ts';
import { type Choice, type Draw } from './choices.ts';
import { createReader } from './hubspot-pages.ts';
import { MARKERS } from './markers.ts';
import { type Episode } from './plan.ts';
import { type Stage } from './stage.ts';

/** What HubSpot says, the way there and back left out. */
export type Answers = {
  /** What it answers to a call that arrives now. */
  answer: (url: URL, authorization: string, choice: Choice) => ApiAnswer;
  /** What it would answer if nothing went wrong. */
  ask: (path: string) => ApiAnswer;
};

export function createAnswers(stage: Stage, world: World, token: () => string): Answers {
  const { poison, tenSecondly } = stage.plan.settings;
  const poisoned = poison === undefined ? undefined : `/threads/${threadIdAt(poison)}`;
  const { readWhole, readPaged } = createReader(stage, world);
  const limiter =
    tenSecondly === undefined
      ? undefined
      : createRateLimiter(
          { tenSecondly, daily: Infinity, timeZone: 'UTC', retryAfter: false },
          stage.clock.now,
        );

  function answer(url: URL, authorization: string, choice: Choice): ApiAnswer {
    const read = () =>
      refusing(() => {
        limiter?.count(CORRELATION_ID);
        return readPaged(url);
      });
    if (authorization !== `Bearer ${token()}`) return answerRefusal(unauthenticated(), CORRELATION_ID);
    const episode = stage.episode();
    if (episode !== undefined) {
      stage.count(`episode ${episode.kind}`);
      return refusing(() => troubled(episode, read));
    }
    if (poisoned !== undefined && url.pathname.includes(poisoned)) {
      return answerRefusal(new Refusal(400, MARKERS.error, {}), CORRELATION_ID);
    }
    return refusing(() => spoilt(choice, url, read));
  }

  const ask = (path: string) => refusing(() => readWhole(new URL(path, 'https://api.hubapi.com')));
  return { answer, ask };
}

const CORRELATION_ID = 'c0ffee00-0000-4000-8000-000000000000';

function refusing(answer: () => ApiAnswer): ApiAnswer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return answerRefusal(error, CORRELATION_ID);
    throw error;
  }
}

/** While HubSpot answers nobody. */
function troubled({ kind, retryAfter }: Episode, read: () => ApiAnswer): ApiAnswer {
  switch (kind) {
    case 'daily':
      throw tooMany('DAILY', retryAfter ? 1_800 : undefined);
    case 'burst':
      throw tooMany('TEN_SECONDLY_ROLLING', retryAfter ? 7 : undefined);
    case 'down':
      return spoil(statusFault(503, retryAfter ? 120 : undefined), read);
    case 'dropping':
      return spoil({ kind: 'dropped' }, read);
    case 'stalling':
      return spoil({ kind: 'stalled' }, read);
  }
}

function spoilt({ fault, value }: Choice, url: URL, read: () => ApiAnswer): ApiAnswer {
  switch (fault) {
    case undefined:
    case 'stalled body':
      return read();
    case '429':
      throw tooMany('TEN_SECONDLY_ROLLING', value);
    case '429 daily':
      throw tooMany('DAILY', value);
    case '401':
      throw unauthenticated();
    case '200 html':
      return spoil({ kind: 'status', status: 200, html: true }, read);
    case 'truncated':
    case 'dropped':
    case 'cut':
    case 'stalled':
      return spoil({ kind: fault }, read);
    case 'repeated cursor':
      return repeatCursor(read(), url);
    default:
      return spoil(statusFault(Number(fault), value), read);
  }
}

function statusFault(status: number, retryAfterSeconds: number | undefined): Fault {
  const html = status === 502 || status >= 520;
  return { kind: 'status', status, html, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

function tooMany(policyName: string, retryAfterSeconds: number | undefined): Refusal {
  return new Refusal(429, MARKERS.error, { errorType: 'RATE_LIMIT', policyName }, retryAfterSeconds);
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

const KINDS = [
  ...['500', '502', '503', '504', '521', '423', '477', '429', '429', '429 daily', '401', '200 html'],
  ...['truncated', 'dropped', 'cut', 'stalled', 'stalled body', 'repeated cursor'],
];

/** What goes wrong with a single call. */
export function drawFault(random: Draw): Choice {
  const fault = random.pick(KINDS);
  if (fault === '429') return { fault, ...(random.chance(0.5) && { value: random.int(1, 20) }) };
  if (fault === '429 daily') return { fault, ...(random.chance(0.5) && { value: random.int(60, 7200) }) };
  if (fault === '503') return { fault, ...(random.chance(0.5) && { value: random.int(1, 40) }) };
  return { fault };
}
