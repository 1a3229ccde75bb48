import './real-work.ts';
import { expect, test } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import { describeFailure, findFailure } from './report.ts';
import { type Variant } from './process.ts';
import { BASE_SEED, plansFrom } from './schedules.ts';
import { simulate } from './simulate.ts';

const TIME_LIMIT_MS = 120_000;

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
}, 120_000);
