import { type ApiAnswer } from '../../local/simulated-hubspot/answers.ts';
import { createWorld } from '../../local/simulated-hubspot/world.ts';
import { type Account, createAccount } from './account.ts';
import { createAnswers, drawFault } from './hubspot-answers.ts';
import { callOutside, Lasting, type Life, sleepIn } from './life.ts';
import { MARKERS } from './markers.ts';
import { timeLimitOf } from './real-work.ts';
import { type Stage } from './stage.ts';

/** HubSpot as the workers meet it. */
export type HubSpot = {
  account: Account;
  /** The `fetch` of a process. */
  fetchFor: (life: Life) => typeof globalThis.fetch;
  /** Reads the access token that the operator has put. */
  readSecret: () => string;
  /** When it was read. */
  secretReads: number[];
  /** Asks HubSpot itself, past all faults. */
  ask: (path: string) => ApiAnswer;
  /** Every call, in the order in which they were made. */
  calls: Call[];
};

/** A call of HubSpot: when and by which process it was made, what for, and how it ended. */
export type Call = {
  at: number;
  by: string;
  path: string;
  /** When it arrived, and what it was answered; undefined for what never arrived. */
  arrivedAt?: number;
  status?: number;
  /** Whether the token was one that had been replaced, or was not put yet. */
  isWrongToken?: boolean;
  /** When the caller had read the answer. */
  readAt?: number;
};

const PORTAL_ID = 62515;
const APP_ID = 2438486;

export function createHubSpot(stage: Stage): HubSpot {
  const { clock, choices, plan } = stage;
  const { startAt, newTokenAfter = -Infinity, secretLag = 0 } = plan.settings;
  const late = { share: 0, maxMs: 0 };
  const world = createWorld({ seed: plan.seed, portalId: PORTAL_ID, appId: APP_ID, now: clock.now, late });
  const calls: Call[] = [];
  const quietUntil = new WeakMap<Life, number>();
  const secretReads: number[] = [];
  const tokenSince = (at: number) => (clock.now() < at ? MARKERS.token : `${MARKERS.token}-new`);
  const token = () => tokenSince(startAt + newTokenAfter);
  const { answer, ask } = createAnswers(stage, world, token);

  /** A process that has read such an answer makes no call before the wait is over. */
  function beQuiet(life: Life, answered: ApiAnswer): void {
    const wait = toldToWait(answered);
    if (wait !== undefined) quietUntil.set(life, Math.max(quietUntil.get(life) ?? 0, clock.now() + wait));
  }

  const fetchFor =
    (life: Life): typeof globalThis.fetch =>
    (input, init) => {
      const url = input as URL;
      const { authorization = '' } = init?.headers as Record<string, string>;
      const startedAt = clock.now();
      const limit = timeLimitOf(init?.signal);
      const call: Call = { at: startedAt, by: life.name, path: url.pathname };
      calls.push(call);
      if (startedAt < (quietUntil.get(life) ?? 0))
        stage.violate(7, `${life.name} calls HubSpot before the wait after a 429 is over`);
      const place = `GET ${url.pathname.replace(/^.*?(?=threads\/|files\/)/, '')}`;
      const choice = choices.take(place, (random) => stage.draw(random, 'hubspot', drawFault));
      return callOutside(clock, stage.call(life, place, choice), () => {
        const answered = answer(url, authorization, choice);
        const isWrongToken = authorization !== `Bearer ${token()}`;
        Object.assign(call, { arrivedAt: clock.now(), status: answered.status, isWrongToken });
        stage.trace(() => `${life.name} ${place}${url.search} -> ${answered.status} ${answered.transport}`);
        const left = startedAt + limit - clock.now();
        const transport = choice.fault === 'stalled body' ? 'stalled body' : answered.transport;
        const after = choice.after ?? 3;
        if (transport === 'stalled' || after >= left) return new Lasting(Math.max(0, left), timeOut);
        if (transport === 'dropped') throw new TypeError(`fetch failed ${MARKERS.error}`);
        return toResponse(answered, clock.now(), async () => {
          if (transport === 'cut') throw new TypeError(`terminated ${MARKERS.error}`);
          if (transport !== 'stalled body') {
            call.readAt = clock.now();
            beQuiet(life, answered);
            return;
          }
          await sleepIn(clock, life, left - after);
          timeOut();
        });
      });
    };

  const readSecret = (): string => {
    secretReads.push(clock.now());
    return tokenSince(startAt + newTokenAfter + secretLag);
  };
  return { account: createAccount(world), fetchFor, readSecret, secretReads, ask, calls };
}

const BURST_WINDOW_MS = 10_000;

/** How long a process is told to make no call, in milliseconds: only for waits that it sits out itself. */
function toldToWait({ status, headers, body }: ApiAnswer): number | undefined {
  if (status !== 429) return undefined;
  const told = Number(headers['retry-after'] ?? BURST_WINDOW_MS / 1000) * 1000;
  return told <= 15_000 && !String(body).includes('DAILY') ? told : undefined;
}

/** As much of a `Response` as the product reads: a real one takes longer to make than all else about a call. */
function toResponse(answer: ApiAnswer, now: number, readBody: () => Promise<void>): Response {
  const { status, headers, body } = answer;
  const date = new Date(now).toUTCString();
  const read: Partial<Headers> = { get: (name) => (name === 'date' ? date : (headers[name] ?? null)) };
  const response: Partial<Response> = {
    status,
    ok: status >= 200 && status < 300,
    headers: read as Headers,
    async text() {
      await readBody();
      return String(body);
    },
  };
  return response as Response;
}

function timeOut(): never {
  throw new DOMException(`aborted ${MARKERS.error}`, 'TimeoutError');
}
