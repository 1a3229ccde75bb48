import { type Choice } from './choices.ts';
import { NO_QUIRKS, NO_SHARES, type Plan, type Settings } from './plan.ts';
import { type Variant } from './process.ts';
import { type Run, simulate } from './simulate.ts';

// How long the search for a smaller schedule may take.
const MOST_RUNS = 3_000;
const MOST_MS = 30_000;

/**
 * The smallest schedule found that breaks the same invariant: every choice and step that is not needed is left out, the
 * settings are as plain as they can be. Greedy, in halves, quarters and so on down to single ones, until nothing more goes.
 */
export async function shrink(failed: Run, variant: Variant = {}): Promise<Run> {
  const target = failed.violations[0]!.invariant;
  let best = { ...failed.plan, choices: failed.choices };
  let runs = 0;
  const endsAt = Date.now() + MOST_MS;
  const isStillWrong = async (plan: Plan): Promise<boolean> => {
    if (runs++ >= MOST_RUNS || Date.now() > endsAt) return false;
    const { violations } = await simulate(plan, variant);
    return violations.some(({ invariant }) => invariant === target);
  };
  const attempt = async (plan: typeof best): Promise<boolean> => {
    if (!(await isStillWrong(plan))) return false;
    best = plan;
    return true;
  };

  for (let before = ''; before !== describe(best) && runs < MOST_RUNS;) {
    before = describe(best);
    for (const settings of plainer(best.settings))
      await attempt({ ...best, settings: { ...best.settings, ...settings } });
    await thinOut(best.episodes, (episodes) => attempt({ ...best, episodes }));
    await thinOut([...best.choices], (choices) => attempt({ ...best, choices: new Map(choices) }));
    await thinOut(best.steps, (steps) => attempt({ ...best, steps }));
    for (const [place, choice] of [...best.choices]) {
      for (const plain of plainerChoices(choice)) {
        await attempt({ ...best, choices: new Map([...best.choices, [place, plain]]) });
      }
    }
  }
  return simulate(best, variant, { isTraced: true });
}

/** Leaves out as many items as it can. */
async function thinOut<T>(items: readonly T[], attempt: (kept: T[]) => Promise<boolean>): Promise<void> {
  let kept = [...items];
  for (let size = kept.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = kept.toSpliced(at, size);
      if (await attempt(fewer)) kept = fewer;
      else at += size;
    }
  }
}

function plainer(settings: Settings): Partial<Settings>[] {
  const plain: Partial<Settings>[] = [
    // Shares are for drawing choices, and these are given.
    { shares: NO_SHARES },
    { workers: 1 },
    { workers: 2 },
    { skews: settings.skews.map(() => 0) },
    { receiverSkew: 0 },
    { calmAfter: 0 },
    { oneProcess: false },
    { countingCursors: false },
    { pageSize: 100 },
    { quirks: NO_QUIRKS },
    { trashReading: 'flag' },
    { mostPages: Infinity },
    { coalesce: 15_000 },
    { gatherFor: 0 },
    { visibility: 1_800_000 },
    { invocationLimit: 300_000 },
    { requestsPerSecond: 10 },
    { batchSize: 10 },
  ];
  return plain.filter((change) => change.workers === undefined || change.workers < settings.workers);
}

function plainerChoices(choice: Choice): Choice[] {
  const without = (name: keyof Choice): Choice[] => {
    if (choice[name] === undefined) return [];
    const { [name]: _left, ...rest } = choice;
    return [rest];
  };
  return [...without('crash'), ...without('fault'), ...without('before'), ...without('after')];
}

function describe({ settings, steps, episodes, choices }: Plan): string {
  return JSON.stringify([settings, steps, episodes, [...(choices ?? [])]]);
}
