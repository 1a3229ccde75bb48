import { describe, expect, it } from 'vitest';
import { archiveBatch } from '../../../functions/archive/archive-batch.ts';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createHubSpotHttp } from '../../../functions/hubspot/http.ts';
import { createGetOriginal } from '../../../functions/hubspot/originals.ts';
import { createPacer } from '../../../functions/hubspot/pacer.ts';
import { shareOf } from '../../../cdk/request-shares.ts';
import { archiveThread } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { queueRecord } from '../../support/queue-record.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const INVOCATION_MS = 300_000;
const LATENCY_MS = 300;
const WORKERS = 2;

/** Ten threads that come at once, and a worker that archives them at its share of a rate. */
function setUp(requestsPerSecond: number, whose: 'archiver' | 'urgent') {
  const { hubspot, httpOptions } = simulatedAccount();
  const clock = virtualClock();
  const perSecond = shareOf(whose, requestsPerSecond) / WORKERS;
  const ids = Array.from({ length: 10 }, (_, i) => String(6_000_000_000 + i));
  for (const threadId of ids) {
    const entries = whose === 'urgent' ? 5 : 450;
    addOldThread(hubspot.world, { threadId, entries, days: 1, endsAt: START - 3_600_000 });
    if (whose === 'urgent') archiveThread(hubspot.world, threadId);
  }
  const http = createHubSpotHttp({
    ...httpOptions,
    clock: { ...clock, now: () => START + clock.now() },
    pacer: createPacer(perSecond, clock),
    fetch: async (url, init) => {
      await clock.sleep(LATENCY_MS);
      return (httpOptions.fetch ?? fetch)(url, init);
    },
  });
  const captureThread = createCaptureThread({
    conversations: createConversations(http.get, 'v3'),
    apiVersion: 'v3',
    store: recordingStore().store,
    sources: { getOriginal: createGetOriginal(http.get, 'v3'), files: undefined },
    settlingMs: 0,
  });
  const event = { portalId: PORTAL_ID, occurredAt: START - 60_000, receivedAt: START };
  const records = ids.map((threadId) => queueRecord(threadId, { ...event, threadId }));

  /** One invocation: how long it takes, and what is left of the records. */
  async function invoke(left: typeof records) {
    const startedAt = clock.now();
    const remainingMs = () => INVOCATION_MS - (clock.now() - startedAt);
    const verdicts = await archiveBatch(
      {
        portals: [PORTAL_ID],
        captureThread,
        callMs: 1000 / perSecond,
        now: () => START,
        remainingMs,
        requestId: 'r',
      },
      left,
    );
    const again = verdicts.flatMap((verdict) => {
      if (verdict.result === 'dead') throw new Error(verdict.fault.reason);
      if (verdict.result === 'done') return [];
      if (verdict.requeue === undefined) throw new Error(verdict.reason);
      return [{ ...verdict.record, body: JSON.stringify(verdict.requeue) }];
    });
    return { ms: clock.now() - startedAt, again };
  }
  return { records, invoke };
}

describe('ten threads that come at once', () => {
  it.each([
    [0.5, 'archiver'],
    [0.5, 'urgent'],
    [1, 'archiver'],
    [1, 'urgent'],
    [2, 'archiver'],
    [2, 'urgent'],
    [10, 'archiver'],
    [10, 'urgent'],
  ] as const)(
    'at %d requests a second, for the %s, are archived, and no invocation is cut off',
    async (requestsPerSecond, whose) => {
      const { records, invoke } = setUp(requestsPerSecond, whose);
      let left = records;

      for (let n = 1; n <= 40 && left.length > 0; n++) {
        const { ms, again } = await invoke(left);
        expect(ms).toBeLessThan(INVOCATION_MS);
        left = again;
      }

      expect(left).toEqual([]);
    },
  );
});
