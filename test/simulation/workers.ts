import { archiveBatch, type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { type CaptureOutcome } from '../../functions/archive/capture.ts';
import { type Bucket } from './bucket.ts';
import { type HubSpot } from './hubspot.ts';
import { callOutside, createLife, kill, type Life } from './life.ts';
import { type Process, startProcess, type Variant } from './process.ts';
import { type Delivery, MAX_RECEIVE_COUNT, type Queue } from './queue.ts';
import { type Stage } from './stage.ts';

/** What the workers work on, and who hears of it. */
export type Workplace = {
  hubspot: HubSpot;
  bucket: Bucket;
  queue: Queue;
  variant: Variant;
  onVerdict: (verdict: RecordVerdict, delivery: Delivery) => void;
  onAcknowledge: (delivery: Delivery, outcome: CaptureOutcome) => void;
};

const RESTART_MS = 1_000;

/**
 * The workers and what starts them: Lambda's event source mapping, or the loops of the home on one machine. A process
 * that dies is replaced after a second; what its invocations had taken comes back when its visibility ends.
 */
export function startWorkers(stage: Stage, place: Workplace) {
  const { clock, choices, plan } = stage;
  const { workers, oneProcess, skews, batchSize, requestsPerSecond } = plan.settings;
  const processes: (Process | undefined)[] = [];
  const slots = Array.from({ length: workers }, (_, n) => ({ process: oneProcess ? 0 : n, isBusy: false }));
  let armedFor = Infinity;
  let invocations = 0;
  let lives = 0;

  function start(index: number): void {
    const life = createLife(`p${index + 1}.${++lives}`);
    const share = oneProcess ? requestsPerSecond : requestsPerSecond / workers;
    const options = { life, skew: skews[index] ?? 0, requestsPerSecond: share };
    processes[index] = startProcess(stage, place, options);
    life.onDeath = () => {
      processes[index] = undefined;
      for (const slot of slots) if (slot.process === index) slot.isBusy = false;
      clock.after(RESTART_MS, () => {
        start(index);
      });
    };
    wake();
  }

  /** Looks at the queue when its next message becomes visible, or a little later. */
  function wake(): void {
    const next = place.queue.nextVisibleAt();
    if (next === undefined) return;
    const at = Math.max(next, clock.now());
    if (at >= armedFor) return;
    armedFor = at;
    clock.after(at - clock.now(), () => {
      if (armedFor !== at) return;
      const { before = 0 } = choices.take('poll', (random) => stage.draw(random, 'queue', () => ({})));
      clock.after(before, poll);
    });
  }

  function poll(): void {
    armedFor = Infinity;
    for (const slot of slots) {
      const process = processes[slot.process];
      if (process === undefined || slot.isBusy) continue;
      const taken = place.queue.receive(batchSize);
      if (taken.length === 0) break;
      slot.isBusy = true;
      void invoke(process, taken).then(() => {
        slot.isBusy = false;
        wake();
      });
    }
    // With all of them busy, the end of an invocation wakes the next one.
    if (slots.some(({ process, isBusy }) => !isBusy && processes[process] !== undefined)) wake();
  }

  async function invoke(process: Process, deliveries: readonly Delivery[]): Promise<void> {
    const { life, now, captureThread } = process;
    const requestId = `${life.name}-${++invocations}`;
    const limit = oneProcess ? Infinity : plan.settings.invocationLimit;
    const deadline = now() + limit;
    let isOver = false;
    stage.trace(() => `${requestId} takes ${deliveries.map(({ message }) => message.id).join(' ')}`);
    life.busy++;
    if (limit !== Infinity) {
      clock.after(limit, () => {
        if (isOver || !life.isAlive) return;
        stage.count('crash out of time');
        stage.trace(() => `${requestId} is out of time`);
        kill(life);
      });
    }
    const archive = place.variant.archiveBatch?.(archiveBatch) ?? archiveBatch;
    const deps = { portals: ['62515'], captureThread, now, remainingMs: () => deadline - now(), requestId };
    const records = deliveries.map(({ message, receiveCount }) => ({
      recordId: message.id,
      body: message.body,
      receiveCount,
      isLastTry: receiveCount >= MAX_RECEIVE_COUNT,
    }));
    try {
      const verdicts = await archive(deps, records);
      await finish(life, requestId, pair(verdicts, deliveries));
    } catch (error) {
      stage.violate(6, `a batch fails as a whole: ${String(error)}`);
    }
    isOver = true;
    life.busy--;
  }

  /** As the entry does: gives back with a delay what must come again, sets aside what is dead; what is done is deleted when it has answered. */
  async function finish(life: Life, requestId: string, pairs: readonly Judged[]): Promise<void> {
    for (const { verdict, delivery } of pairs) {
      stage.trace(() => `${requestId} ${delivery.message.id}: ${describe(verdict)}`);
      if (verdict.outcome?.status === 'unfinished') stage.count('unfinished');
      place.onVerdict(verdict, delivery);
    }
    const returned = new Set((await Promise.all(pairs.map((pair) => giveBack(life, pair)))).flat());
    const choice = choices.take('answer', (random) =>
      stage.draw(random, 'queue', () => ({ fault: 'not deleted' })),
    );
    await callOutside(clock, stage.call(life, 'answer', choice), () => {
      for (const { verdict, delivery } of pairs) {
        if (returned.has(delivery) || choice.fault !== undefined) continue;
        if (verdict.result === 'done') place.onAcknowledge(delivery, verdict.outcome);
        place.queue.acknowledge(delivery);
      }
    });
  }

  /** As the entry does: gives those that must not be acknowledged. */
  async function giveBack(life: Life, { verdict, delivery }: Judged): Promise<Delivery[]> {
    if (verdict.result === 'done') return [];
    const choice = choices.take('give back', (random) =>
      stage.draw(random, 'queue', () => ({ fault: 'refused' })),
    );
    return callOutside(clock, stage.call(life, 'give-back', choice), () => {
      if (choice.fault !== undefined) return [delivery];
      if (verdict.result === 'dead') {
        place.queue.setAside(delivery);
        return [];
      }
      const { requeue, afterSeconds } = verdict;
      if (requeue === undefined) {
        place.queue.giveBack(delivery, afterSeconds);
        return [delivery];
      }
      place.queue.replace(delivery, requeue, afterSeconds);
      return [];
    });
  }

  place.queue.onChange = wake;
  for (let index = 0; index < (oneProcess ? 1 : workers); index++) start(index);
  return {
    /** Processes so far, those that died included. */
    lives: () => lives,
    isWorking: () => processes.some((process) => process !== undefined && hasOwnWork(process)),
    /** Invocations under way. */
    busy: () => slots.filter(({ isBusy }) => isBusy).length,
  };
}

function hasOwnWork({ life }: Process): boolean {
  return life.busy > 0 && life.waiting === 0;
}

type Judged = { verdict: RecordVerdict; delivery: Delivery };

function pair(verdicts: readonly RecordVerdict[], deliveries: readonly Delivery[]): Judged[] {
  return deliveries.map((delivery) => {
    const verdict = verdicts.find(({ record }) => record.recordId === delivery.message.id);
    if (verdict === undefined) throw new Error(`no verdict on ${delivery.message.id}`);
    return { verdict, delivery };
  });
}

function describe(verdict: RecordVerdict): string {
  if (verdict.result === 'again') return `again (${verdict.reason}), ${verdict.afterSeconds} s`;
  if (verdict.result === 'dead') return `dead (${verdict.fault.reason})`;
  const { status, partsWritten } = verdict.outcome;
  return `done (${status}, ${partsWritten} parts written, ${verdict.unseen} unseen)`;
}
