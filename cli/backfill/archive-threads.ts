import { randomUUID } from 'node:crypto';
import { type CaptureOutcome, type CaptureRequest } from '../../functions/archive/capture.ts';
import { secondsToWait } from '../../functions/archive/waiting.ts';
import { forEachConcurrently } from '../../functions/concurrency.ts';
import { HubSpotError, safeReason, StoreError } from '../../functions/errors.ts';
import { type Failure, type LackingThread } from './survey.ts';

/** What archiving many threads works with. */
export type ArchiveThreadsDeps = {
  portalId: string;
  captureThread: (request: CaptureRequest) => Promise<CaptureOutcome>;
  /** How many calls HubSpot has answered with what was asked for. */
  answers: () => number;
  /** How many threads are worked on at a time. */
  concurrency: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  wait: (ms: number) => Promise<void>;
  /** When it is aborted, no thread is begun any more, and of those at hand no further page is read. */
  signal: AbortSignal;
  /** Hears of every thread that is archived whole. */
  onArchived: (outcome: CaptureOutcome) => void;
  /** Hears of every thread that is given up. */
  onFailed: (failure: Failure) => void;
  /** Hears that a thread has to wait for so many seconds, and why. */
  onWait: (reason: string, seconds: number) => void;
};

// Of a thread that fails while HubSpot answers.
const MAX_TRIES = 3;
const PATIENCE_MS = 2 * 24 * 3_600_000;
const LEAST_CONCURRENCY = 8;
const MOST_CONCURRENCY = 64;

/**
 * How many threads at a time let the pacer alone set the rate: as many calls are under way as a second has, so that calls of
 * up to a second are hidden. Bounded, because each thread may hold some pages of messages in memory.
 */
export function concurrencyFor(requestsPerSecond: number): number {
  return Math.min(MOST_CONCURRENCY, Math.max(LEAST_CONCURRENCY, Math.ceil(requestsPerSecond)));
}

/**
 * Archives threads, some at a time, in their order. While HubSpot answers nobody, all wait: as long as it says, otherwise longer
 * each time, for two days at most. A thread that fails while HubSpot answers is tried three times, and given up.
 * @throws HubSpotError when the access token is refused, StoreError when the archive cannot be written: then nothing more can
 * be done, and what is archived stays
 */
export async function archiveThreads(
  deps: ArchiveThreadsDeps,
  threads: readonly LackingThread[],
): Promise<void> {
  await forEachConcurrently(untilAborted(threads, deps.signal), deps.concurrency, (thread) =>
    archiveOne(deps, thread),
  );
}

async function* untilAborted(
  threads: readonly LackingThread[],
  signal: AbortSignal,
): AsyncGenerator<LackingThread> {
  for (const thread of threads) {
    if (signal.aborted) return;
    // Gives way, so that an abort is heard between two threads.
    yield await Promise.resolve(thread);
  }
}

async function archiveOne(deps: ArchiveThreadsDeps, thread: LackingThread): Promise<void> {
  const begunAt = deps.now();
  for (let tries = 0, waits = 0; ;) {
    const answers = deps.answers();
    try {
      const outcome = await deps.captureThread(requestFor(deps, thread));
      if (outcome.status !== 'unfinished') {
        deps.onArchived(outcome);
        return;
      }
    } catch (error) {
      if (endsAll(error)) throw error;
      const isDown = isTrouble(error) && (deps.answers() === answers || isRateLimit(error));
      if (!isDown || deps.now() - begunAt > PATIENCE_MS) tries++;
      if (tries === MAX_TRIES) {
        deps.onFailed({ threadId: thread.threadId, reason: safeReason(error) });
        return;
      }
      const seconds = secondsToWait(error, waits++);
      deps.onWait(safeReason(error), seconds);
      await deps.wait(seconds * 1000);
    }
    if (deps.signal.aborted) return;
  }
}

function isTrouble(error: unknown): boolean {
  return error instanceof HubSpotError && error.transient;
}

function isRateLimit(error: unknown): boolean {
  return error instanceof HubSpotError && error.status === 429;
}

function requestFor({ portalId, signal }: ArchiveThreadsDeps, thread: LackingThread): CaptureRequest {
  const { threadId, inTrash, listedAt } = thread;
  return {
    portalId,
    threadId,
    inTrash,
    // What the list shows had happened by then. Something is lacking, so that no earlier fetch can cover it.
    announced: { messageIds: [], occurredAt: listedAt, firstTry: false },
    reasons: ['backfill'],
    requestId: randomUUID(),
    hasTime: () => !signal.aborted,
  };
}

/** Whether no other thread would fare better. 404: HubSpot shows no threads of the account at all. */
function endsAll(error: unknown): boolean {
  if (error instanceof StoreError) return true;
  return error instanceof HubSpotError && (error.status === 401 || error.status === 404);
}
