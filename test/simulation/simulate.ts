import './real-work.ts';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { createAcknowledgementCheck } from './acknowledgement.ts';
import { createBucket } from './bucket.ts';
import { type Choice, createChoices } from './choices.ts';
import { createClock } from './clock.ts';
import { checkCalls } from './calls-check.ts';
import { checkComplete, checkOutcome } from './final-check.ts';
import { type Call, createHubSpot } from './hubspot.ts';
import { kill } from './life.ts';
import { findMarkers } from './markers.ts';
import { type Plan } from './plan.ts';
import { type Variant } from './process.ts';
import { createQueue, type Message } from './queue.ts';
import { createStage, type Stage, type Violation } from './stage.ts';
import { createWebhooks } from './webhooks.ts';
import { createWitness } from './witness.ts';
import { startWorkers } from './workers.ts';

/** What came of a schedule. */
export type Run = {
  plan: Plan;
  violations: Violation[];
  /** Everything that went otherwise than it should, place by place. */
  choices: ReadonlyMap<string, Choice>;
  /** How often what happened. */
  counts: ReadonlyMap<string, number>;
  /** The outside calls, when they were asked for: times and ids, no content. */
  trace: string[];
  calls: readonly Call[];
  /** When the access token was read. */
  secretReads: readonly number[];
  /** Every message that the queue ever accepted. */
  accepted: readonly Message[];
  /** Those that became dead letters. */
  dead: readonly Message[];
};

// A schedule without hours of trouble takes some 6,000; in those each thread is looked at every few minutes.
const MAX_STEPS = 60_000;
const MAX_STEPS_PER_THREAD_AND_HOUR = 1_000;

/**
 * Plays a schedule against the product, or a variant of it: growth and faults; then one more event for each thread, and
 * calm, at once or after a while, in which nothing goes wrong any more; then rest, and one more event again, about which there is nothing to write.
 */
export async function simulate(plan: Plan, variant: Variant = {}, { isTraced = false } = {}): Promise<Run> {
  // Thousands of errors are part of the game, and nobody reads where they were made.
  const { stackTraceLimit } = Error;
  if (!isTraced) Error.stackTraceLimit = 0;
  const clock = createClock(plan.settings.startAt);
  const choices = createChoices(plan.seed, plan.choices);
  const stage = createStage(plan, clock, choices, { isTraced, crash: kill });
  const hubspot = createHubSpot(stage);
  const witness = createWitness(stage, () => hubspot.account);
  const bucket = createBucket(stage, (request, before) => {
    witness.see(request, before);
  });
  const queue = createQueue(stage);
  const webhooks = createWebhooks(stage, queue, variant.sendThreads ?? ((sendThreads) => sendThreads));
  const { account } = hubspot;

  const onVerdict = (verdict: RecordVerdict): void => {
    const leaked = findMarkers(JSON.stringify(verdict), webhooks.signatures);
    if (leaked.length > 0) stage.violate(9, `a verdict tells ${leaked.join(', ')}`);
  };
  const onAcknowledge = createAcknowledgementCheck(stage, {
    account,
    bucket,
    queue,
    isArchived: witness.isArchived,
    busy: () => workers.busy(),
  });
  const workers = startWorkers(stage, { hubspot, bucket, queue, variant, onVerdict, onAcknowledge });
  const touch = (): void => {
    webhooks.send(account.touchAll());
  };
  const run = () => clock.run({ isWorking: workers.isWorking, maxSteps: mostSteps(plan) });

  for (const step of plan.steps) {
    clock.after(step.at, () => {
      stage.trace(() => `thread ${step.thread}: ${step.action.kind}`);
      webhooks.send(account.apply(step));
    });
  }
  clock.after(endOfTrouble(plan), () => {
    clock.after(Math.max(account.allVisibleAt(), bucket.lastLateWrite()) - clock.now(), () => {
      stage.isGrown = true;
      touch();
      const calm = (): void => {
        stage.trace(() => 'calm');
        choices.calm();
      };
      if (plan.settings.calmAfter === 0) calm();
      else clock.after(plan.settings.calmAfter, calm);
    });
  });

  try {
    await run();
    if (plan.settings.calmAfter > 0 && queue.dead.length > 0) {
      // What went wrong to the very end is for the operator, who has the dead letters delivered again.
      touch();
      await run();
    }
    if (workers.busy() > 0) stage.violate(5, 'an invocation never ends');
    const outcome = { stage, hubspot, bucket, queue };
    checkOutcome(outcome);
    checkCalls(outcome, workers.lives());
    await touchAgain(stage, { touch, run, partWrites: witness.partWrites });
    checkComplete(outcome);
  } catch (error) {
    stage.violate(0, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { violations, counts, lines: trace } = stage;
  return {
    plan,
    violations,
    choices: choices.made,
    counts,
    trace,
    calls: hubspot.calls,
    secretReads: hubspot.secretReads,
    accepted: queue.accepted,
    dead: queue.dead,
  };
}

function mostSteps({ steps, episodes }: Plan): number {
  const threads = new Set(steps.map(({ thread }) => thread)).size;
  const hours = episodes.reduce((sum, { from, until }) => sum + until - from, 0) / 3_600_000;
  return MAX_STEPS + threads * hours * MAX_STEPS_PER_THREAD_AND_HOUR;
}

function endOfTrouble({ steps, episodes, settings }: Plan): number {
  const ends = [
    ...steps.map(({ at }) => at),
    ...episodes.map(({ until }) => until),
    (settings.newTokenAfter ?? 0) + (settings.secretLag ?? 0),
  ];
  return Math.max(0, ...ends) + 1;
}

async function touchAgain(
  stage: Stage,
  { touch, run, partWrites }: { touch: () => void; run: () => Promise<void>; partWrites: () => number },
): Promise<void> {
  const before = partWrites();
  touch();
  await run();
  if (partWrites() !== before) stage.violate(4, 'an event about nothing writes a part');
}
