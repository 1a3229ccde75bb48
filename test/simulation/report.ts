import { type Plan } from './plan.ts';
import { type Variant } from './process.ts';
import { type Run, simulate } from './simulate.ts';
import { shrink } from './shrink.ts';

/** What a human needs to understand a failure: the seed, the smallest schedule, its outside calls. Ids and times alone. */
export async function describeFailure(failed: Run, variant: Variant = {}): Promise<string> {
  const found = list(failed.violations.map(({ invariant, what }) => `invariant ${invariant}: ${what}`));
  const small = await shrink(failed, variant);
  return [
    `A schedule breaks what the archive promises. Seed: ${failed.plan.seed}`,
    `Again: SIMULATION_SEED='${failed.plan.seed}' npx vitest run test/simulation/simulation.test.ts`,
    '',
    `Found:\n${found}`,
    `The smallest schedule like it:\n${list(describePlan(small.plan))}`,
    `It breaks:\n${list(small.violations.map(({ invariant, what }) => `invariant ${invariant}: ${what}`))}`,
    `Its outside calls, in seconds from the start:\n${small.trace.join('\n')}`,
    '',
  ].join('\n');
}

function describePlan({ settings, steps, episodes, choices }: Plan): string[] {
  return [
    JSON.stringify({ ...settings, startAt: new Date(settings.startAt).toISOString() }),
    ...episodes.map((episode) => `trouble: ${JSON.stringify(episode)}`),
    ...steps.map(
      ({ at, thread, id, action }) => `at ${at} ms, thread ${thread}, step ${id}: ${JSON.stringify(action)}`,
    ),
    ...[...(choices ?? [])].map(([place, choice]) => `${place}: ${JSON.stringify(choice)}`),
  ];
}

/** Plays schedules one after the other until one of them fails. */
export async function findFailure(
  plans: Iterable<Plan>,
  { onRun, variant = {} }: { onRun?: (run: Run) => void; variant?: Variant } = {},
): Promise<Run | undefined> {
  for (const plan of plans) {
    const run = await simulate(plan, variant);
    onRun?.(run);
    if (run.violations.length > 0) return run;
  }
  return undefined;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
