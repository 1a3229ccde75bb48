import { setTimeout as sleep } from 'node:timers/promises';
import { numeral } from '../../local/numeral.ts';
import { type CountedHubSpot } from './counted-hubspot.ts';
import { archiveIntoFolder } from './into-folder.ts';
import { type BackfillOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { queueThreads } from './queue-threads.ts';
import { type Failure, type Survey } from './survey.ts';
import { type Target } from './target.ts';

/** What is to be done. Failures are added to. */
export type Work = { found: Survey; failures: Failure[]; signal: AbortSignal };
/** Does it, showing how far it is. Gives how many threads are done, and says what was made. */
export type Fill = (
  options: BackfillOptions,
  connected: CountedHubSpot,
  work: Work,
) => Promise<{ done: number; made: string }>;

/** Into a folder. */
export function fillFolder({ archive: store }: Target & { kind: 'folder' }): Fill {
  return async (options, { hubSpot, counts }, { found, failures, signal }) => {
    const total = found.lacking.length;
    const before = counts.calls;
    const sums = { done: 0, messages: 0, failed: 0 };
    let note = '';
    const line = showProgress(() => {
      const { done, failed } = sums;
      return { done: done + failed, total, calls: counts.calls, failed, note };
    });
    const work = {
      ...{ ...options, store, signal, wait: waitUnless(signal), answers: () => counts.answers },
      onArchived: ({ messages }: { messages: number }) => {
        sums.done++;
        sums.messages += messages;
        note = '';
      },
      onFailed: (failure: Failure) => {
        sums.failed++;
        failures.push(failure);
      },
      onWait: (reason: string, seconds: number) => (note = `waits ${seconds} s: ${reason}`),
      onNotice: line.say,
    };
    try {
      await archiveIntoFolder(hubSpot, work, found.lacking);
    } finally {
      line.stop();
    }
    const { done, messages } = sums;
    const made = `${numeral(done)} threads archived, which have ${numeral(messages)} messages, with ${numeral(counts.calls - before)} calls`;
    return { done, made };
  };
}

/** Through the queue of a stack. */
export function fillStack({ archive, queue }: Target & { kind: 'stack' }): Fill {
  return async ({ portalId, waits }, _, { found, failures, signal }) => {
    const total = found.lacking.length;
    let now = { queued: 0, archived: 0 };
    const line = showProgress(() => {
      const done = waits ? now.archived : now.queued;
      return { done, total, calls: undefined, failed: 0, note: `${numeral(now.queued)} queued` };
    });
    try {
      const deps = { portalId, queue, archive, waits, signal, now: Date.now, wait: waitUnless(signal) };
      const { queued, left } = await queueThreads(
        { ...deps, onProgress: (counts) => (now = counts) },
        found.lacking,
      );
      if (waits && !signal.aborted)
        failures.push(...left.map((threadId) => ({ threadId, reason: NOT_SEEN })));
      const done = waits ? queued - left.length : queued;
      return { done, made: `${numeral(queued)} threads queued${waits ? `, ${numeral(done)} archived` : ''}` };
    } finally {
      line.stop();
    }
  };
}

const NOT_SEEN = 'the queue is empty and no record shows it archived; see npm run dead-letters -- list';

function waitUnless(signal: AbortSignal): (ms: number) => Promise<void> {
  return (ms) => sleep(ms, undefined, { signal }).catch(() => undefined);
}
