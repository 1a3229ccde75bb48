import './real-work.ts';
import { describe, expect, test } from 'vitest';
import { drawPlan } from './draw-plan.ts';
import { MUTANTS_OF_ARCHIVING } from './mutants-of-archiving.ts';
import { MUTANTS_OF_WAITING } from './mutants-of-waiting.ts';
import { type Plan } from './plan.ts';
import { type Variant } from './process.ts';
import { simulate } from './simulate.ts';

/** That the simulation can fail: the search must find what each mutant breaks. */

const MOST_SCHEDULES = 1_500;
const TIME_LIMIT_MS = 300_000;

async function breaks(plan: Plan, variant: Variant): Promise<Set<number>> {
  return new Set((await simulate(plan, variant)).violations.map(({ invariant }) => invariant));
}

describe.each([...MUTANTS_OF_ARCHIVING, ...MUTANTS_OF_WAITING])(
  'when $name',
  ({ invariant, variant, kind }) => {
    test(
      `the simulation finds that invariant ${invariant} is broken`,
      async () => {
        let found = 0;
        for (let n = 1; n <= MOST_SCHEDULES && found === 0; n++) {
          const plan = drawPlan(`mutants/${n}`, kind);
          // What the product itself does not keep in this schedule proves nothing of the variant.
          if ((await breaks(plan, variant)).has(invariant) && !(await breaks(plan, {})).has(invariant))
            found = n;
        }

        if (process.env['SIMULATION_VERBOSE'] !== undefined)
          process.stdout.write(`found by schedule ${found}\n`);
        expect(found).toBeGreaterThan(0);
      },
      TIME_LIMIT_MS,
    );
  },
);
