import { createDraw } from './choices.ts';
import { CREATE, plainPlan, SAY } from './plain-plan.ts';
import { type Episode, type Plan, type Settings, type Step } from './plan.ts';
import { type Run, simulate } from './simulate.ts';

const HOUR = 3_600_000;
const FROM = HOUR;
const UNTIL = 25 * HOUR;

/** A day of trouble, and what came of it. */
export type Day = {
  run: Run;
  /** Calls of HubSpot during the day, by worker and hour. */
  callsPerHour: number[][];
};

/** Each of so many threads begins in the hour before a day, and is said something in three times during it. */
export function planDay(seed: string, threads: number, settings: Partial<Settings> = {}): Plan {
  const random = createDraw(seed);
  const steps: Omit<Step, 'id'>[] = [];
  for (let thread = 0; thread < threads; thread++) {
    steps.push({ at: random.int(0, FROM), thread, action: CREATE });
    for (let n = 0; n < 3; n++) {
      steps.push({ at: random.int(FROM, UNTIL - HOUR), thread, action: SAY });
    }
  }
  return plainPlan({ seed, settings, steps });
}

/** Plays a day in which HubSpot answers nobody. */
export async function liveThrough(plan: Plan, trouble?: Pick<Episode, 'kind' | 'retryAfter'>): Promise<Day> {
  const episodes = trouble === undefined ? [] : [{ ...trouble, from: FROM, until: UNTIL }];
  const run = await simulate({ ...plan, episodes });
  const { startAt } = plan.settings;
  const during = run.calls.filter(({ at }) => at >= startAt + FROM && at < startAt + UNTIL);
  const callsPerHour = [...Map.groupBy(during, ({ by }) => by).values()].map((calls) => {
    const hours = Array.from({ length: (UNTIL - FROM) / HOUR }, () => 0);
    for (const { at } of calls) hours[Math.floor((at - startAt - FROM) / HOUR)]!++;
    return hours;
  });
  return { run, callsPerHour };
}
