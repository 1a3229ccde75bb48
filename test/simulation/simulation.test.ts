import './real-work.ts';
import { expect, test } from 'vitest';
import { drawPlan } from './plan.ts';
import { describeFailure, findFailure } from './report.ts';
import { type Variant } from './process.ts';
import { type Run, simulate } from './simulate.ts';

const BASE_SEED = 'threadvault';
// In chunks, so that a slow machine shows where it is.
const CHUNKS = 4;
const SCHEDULES_PER_CHUNK = 150;
const TIME_LIMIT_MS = 120_000;

function* plansFrom(seed: string, first: number, count: number) {
  for (let n = first; n < first + count; n++) yield drawPlan(`${seed}/${n}`);
}

// Counted over all chunks: which faults really happened.
const happened = new Map<string, number>();
let schedules = 0;

test.each(Array.from({ length: CHUNKS }, (_, n) => n * SCHEDULES_PER_CHUNK))(
  `keeps every promise in the schedules from %i on`,
  async (first) => {
    const onRun = ({ counts }: Run): void => {
      schedules++;
      for (const [what, count] of counts) happened.set(what, (happened.get(what) ?? 0) + count);
    };

    const failed = await findFailure(plansFrom(BASE_SEED, first, SCHEDULES_PER_CHUNK), { onRun });

    if (failed !== undefined) expect.fail(await describeFailure(failed));
  },
  TIME_LIMIT_MS,
);

const FAULTS = [
  ...['event twice', 'event held', 'webhook answer lost', 'send refused', 'send partly', 'send answer lost'],
  ...['receive twice', 'receive reordered', 'give-back refused', 'answer not deleted'],
  ...['crash before', 'crash after', 'crash out of time'],
  ...[
    'get refused',
    'put refused',
    'put conflict',
    'put answer lost',
    'put repeated',
    'put late',
    'conflict',
  ],
  ...[
    'GET 423',
    'GET 429',
    'GET 429 daily',
    'GET 477',
    'GET 500',
    'GET 502',
    'GET 503',
    'GET 504',
    'GET 521',
  ],
  ...[
    'GET 401',
    'GET 200 html',
    'GET truncated',
    'GET dropped',
    'GET cut',
    'GET stalled',
    'GET stalled body',
  ],
  ...['GET repeated cursor', 'unfinished', 'episode daily', 'episode burst', 'episode down'],
];

test('makes every fault happen that it knows', () => {
  const missing = FAULTS.filter((fault) => !happened.has(fault));

  expect(schedules).toBe(CHUNKS * SCHEDULES_PER_CHUNK);
  expect(missing).toEqual([]);
});

test.each([process.env['SIMULATION_SEED'] ?? `${BASE_SEED}/asked`])(
  'keeps every promise in the schedule asked for: %s',
  async (seed) => {
    const failed = await findFailure([drawPlan(seed)]);

    if (failed !== undefined) expect.fail(await describeFailure(failed));
  },
  TIME_LIMIT_MS,
);

test(
  'plays a schedule the same way each time',
  async () => {
    const plans = [...plansFrom('twice', 0, 20)];

    for (const plan of plans) {
      const first = await simulate(plan, {}, { isTraced: true });
      const second = await simulate(plan, {}, { isTraced: true });
      const fromChoices = await simulate({ ...plan, choices: first.choices }, {}, { isTraced: true });
      expect(second.trace).toEqual(first.trace);
      expect(fromChoices.trace).toEqual(first.trace);
    }
  },
  TIME_LIMIT_MS,
);

test('shrinks a failure to what it takes, and tells of no content', async () => {
  const variant: Variant = { sendThreads: (send) => (threads) => send(threads).catch(() => undefined) };
  const failed = await findFailure(plansFrom('shrunk', 0, 100), { variant });

  const report = await describeFailure(failed!, variant);

  expect(report).toContain(`Seed: ${failed!.plan.seed}`);
  expect(report).toMatch(/send #\d+: \{"fault":"(refused|partly)"\}/);
  expect(report).not.toContain('planted');
});
