import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createSources } from '../../../functions/hubspot/sources.ts';
import { createListThreads } from '../../../functions/hubspot/thread-lists.ts';
import { archiveThread, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { type SimulatedHubSpotOptions } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { archiveThreads, type ArchiveThreadsDeps } from '../../../cli/backfill/archive-threads.ts';
import { type Failure, type LackingThread, surveyThreads } from '../../../cli/backfill/survey.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount } from '../../support/simulated-account.ts';

/** An account with a history, an archive without, and the backfill between them, in one process and without waiting. */
export function backfillAccount(options: SimulatedHubSpotOptions = {}) {
  const account = simulatedAccount(options);
  const { hubspot, http, clock } = account;
  const archive = recordingStore();
  const stopping = new AbortController();
  const failures: Failure[] = [];
  const waits: number[] = [];
  const capture = createCaptureThread({
    conversations: createConversations(http.get, 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: createSources(account.httpOptions, { apiVersion: 'v3', files: undefined }),
    settlingMs: 0,
  });
  const survey = (since?: number, signal = stopping.signal) =>
    surveyThreads({
      listThreads: createListThreads(http.get, 'v3'),
      archive: archive.store,
      portalId: PORTAL_ID,
      since,
      signal,
      onListed: () => undefined,
    });
  const archiveAll = (threads: readonly LackingThread[], change: Partial<ArchiveThreadsDeps> = {}) =>
    archiveThreads(
      {
        portalId: PORTAL_ID,
        captureThread: capture,
        answers: () => hubspot.log.count(undefined, 200),
        concurrency: 8,
        now: () => clock.ms,
        wait: (ms) => {
          waits.push(ms);
          clock.ms += ms;
          return Promise.resolve();
        },
        signal: stopping.signal,
        onArchived: () => undefined,
        onFailed: (failure) => failures.push(failure),
        onWait: () => undefined,
        ...change,
      },
      threads,
    );

  /** Adds threads with some messages each, every fifth of them in the trash, and one without any. */
  function addHistory(threads: number, entries: (n: number) => number = (n) => 1 + (n % 7)): string[] {
    const ids = Array.from({ length: threads }, (_, n) =>
      addOldThread(hubspot.world, { entries: entries(n), days: 1 + (n % 40) }),
    );
    for (const [n, id] of ids.entries()) if (n % 5 === 0) archiveThread(hubspot.world, id);
    return [...ids, createThread(hubspot.world).threadId];
  }

  return { ...account, archive, capture, survey, archiveAll, addHistory, failures, waits, stopping };
}
