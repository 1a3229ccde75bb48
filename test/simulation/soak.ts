import './real-work.ts';
import { parseArgs } from 'node:util';
import { drawPlan } from './draw-plan.ts';
import { type Plan } from './plan.ts';
import { describeFailure, findFailure } from './report.ts';
import { type Run } from './simulate.ts';

/** `npm run test:soak -- --minutes N [--seed S]`: schedules with fresh seeds until the time is over or one fails. */

const USAGE = 'usage: npm run test:soak -- --minutes N [--seed S]\n';
const PROGRESS_MS = 10_000;

function* plansUntil(endsAt: number, seed: string): Generator<Plan> {
  for (let n = 1; Date.now() < endsAt; n++) yield drawPlan(`${seed}/${n}`);
}

async function soak({ minutes, seed }: { minutes: number; seed: string }): Promise<number> {
  const startedAt = Date.now();
  let [schedules, calls, faults, saidAt] = [0, 0, 0, startedAt];
  process.stdout.write(`${minutes} minutes of schedules, seed ${seed}\n`);
  const say = (): void => {
    const seconds = (Date.now() - startedAt) / 1000;
    const rate = (schedules / seconds).toFixed(0);
    process.stdout.write(
      `${seconds.toFixed(0)} s: ${schedules} schedules (${rate}/s), ${calls} calls of HubSpot, ${faults} things that went wrong\n`,
    );
  };
  const onRun = (run: Run): void => {
    schedules++;
    calls += run.calls.length;
    faults += run.choices.size;
    if (Date.now() - saidAt < PROGRESS_MS) return;
    saidAt = Date.now();
    say();
  };
  const failed = await findFailure(plansUntil(startedAt + minutes * 60_000, seed), { onRun });
  say();
  if (failed === undefined) return 0;
  process.stdout.write(await describeFailure(failed));
  return 1;
}

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
if (minutes > 0) process.exitCode = await soak({ minutes, seed: values.seed ?? new Date().toISOString() });
else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}
