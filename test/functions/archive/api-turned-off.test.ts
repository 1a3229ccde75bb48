import { expect, it } from 'vitest';
import { archiveBatch } from '../../../functions/archive/archive-batch.ts';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { threadRecordKey } from '../../../functions/archive/layout.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createGetOriginal } from '../../../functions/hubspot/originals.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { queueRecord } from '../../support/queue-record.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount } from '../../support/simulated-account.ts';

it('threads wait with their tries when HubSpot has turned the version of its API off, and none is marked as deleted', async () => {
  const { hubspot, http, clock } = simulatedAccount();
  const threadId = addOldThread(hubspot.world, { entries: 3, days: 1, endsAt: clock.ms - 1_000 });
  const archive = recordingStore();
  const captureThread = createCaptureThread({
    conversations: createConversations(http.get, 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: { getOriginal: createGetOriginal(http.get, 'v3'), files: undefined },
    settlingMs: 5_000,
  });
  const deps = {
    portals: [PORTAL_ID],
    captureThread,
    now: () => clock.ms,
    remainingMs: () => 300_000,
    requestId: 'r',
  };
  const archiveOnce = () => {
    clock.ms += 60_000;
    const event = { threadId, occurredAt: clock.ms, receivedAt: clock.ms };
    return archiveBatch(deps, [queueRecord('r1', event, 9)]);
  };
  const key = threadRecordKey({ portalId: PORTAL_ID, threadId });
  expect(await archiveOnce()).toMatchObject([{ result: 'done' }]);
  const before = archive.record(key);
  hubspot.faults.next(3, { kind: 'status', status: 404 });

  const verdicts = await archiveOnce();

  expect(verdicts).toMatchObject([
    {
      result: 'again',
      reason: 'HubSpotError: HubSpot shows no threads of account 62515 at all under version v3 of its API',
      requeue: { looks: 0 },
    },
  ]);
  expect(archive.record(key)).toEqual(before);
  expect(await archiveOnce()).toMatchObject([{ result: 'done' }]);
});
