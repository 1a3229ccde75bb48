import './real-work.ts';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { type CaptureOutcome } from '../../functions/archive/capture.ts';
import { createBucket } from './bucket.ts';
import { type Choice, createChoices } from './choices.ts';
import { createClock } from './clock.ts';
import { checkCalls, checkOutcome, readRecord } from './final-check.ts';
import { createHubSpot } from './hubspot.ts';
import { kill } from './life.ts';
import { findMarkers } from './markers.ts';
import { type Plan } from './plan.ts';
import { type Variant } from './process.ts';
import { createQueue, type Delivery, short } from './queue.ts';
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
  hubspotCalls: number;
};

// A schedule of the largest kind takes some 6,000.
const MAX_STEPS = 60_000;
// HubSpot shows a message at most a minute late; to note it as unseen before twice that is not to wait for it.
const LEAST_UNSEEN_WAIT_MS = 120_000;

/**
 * Plays a schedule against the product, or a variant of it: growth and faults; then one more event for each thread, and
 * calm, at once or after a while, in which nothing goes wrong any more; then rest, and one more event again, about which there is nothing to write.
 */
export async function simulate(plan: Plan, variant: Variant = {}, { isTraced = false } = {}): Promise<Run> {
  // Thousands of errors are part of the game, and nobody reads where they were made.
  Error.stackTraceLimit = isTraced ? 10 : 0;
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
  const onAcknowledge = ({ message }: Delivery, outcome: CaptureOutcome): void => {
    const { threadId, messageIds } = message.thread;
    const waited = clock.now() - (message.thread.receivedAt - plan.settings.receiverSkew);
    const noted = readRecord(bucket, threadId)?.unseen_message_ids ?? [];
    if (outcome.status === 'gone' && waited < LEAST_UNSEEN_WAIT_MS) {
      stage.violate(1, `${message.id} is acknowledged, thread ${threadId} was not waited for`);
    }
    for (const id of messageIds.filter((each) => !witness.isArchived(each))) {
      if (!noted.includes(id))
        stage.violate(1, `${message.id} is acknowledged, ${short(id)} is neither archived nor noted`);
      else if (waited < LEAST_UNSEEN_WAIT_MS) {
        stage.violate(1, `${message.id} is acknowledged, ${short(id)} was not waited for`);
      }
    }
  };
  const workers = startWorkers(stage, { hubspot, bucket, queue, variant, onVerdict, onAcknowledge });
  const touch = (): void => {
    webhooks.send(account.touchAll());
  };
  const run = () => clock.run({ isWorking: workers.isWorking, maxSteps: MAX_STEPS });

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
    if (!workers.isIdle()) stage.violate(5, 'an invocation never ends');
    const outcome = { stage, hubspot, bucket, queue };
    checkOutcome(outcome);
    checkCalls(outcome, workers.lives());
    await touchAgain(stage, { touch, run, partWrites: witness.partWrites });
  } catch (error) {
    stage.violate(0, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { violations, counts, lines: trace } = stage;
  return { plan, violations, choices: choices.made, counts, trace, hubspotCalls: hubspot.calls.length };
}

function endOfTrouble({ steps, episodes, settings }: Plan): number {
  const ends = [
    ...steps.map(({ at }) => at),
    ...episodes.map(({ until }) => until),
    settings.newTokenAfter ?? 0,
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
