import { attachmentKey } from '../../functions/archive/attachment-key.ts';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { describeObject } from '../../functions/archive/parts.ts';
import { type ObjectVersion } from '../../functions/archive/store.ts';
import { createRefreshDirectory } from '../../functions/directory/refresh.ts';
import { createActors } from '../../functions/directory/resolve-actors.ts';
import { createEraseThread } from '../../functions/erase/erase-thread.ts';
import { UnobtainableError } from '../../functions/errors.ts';
import { recordHoldAct } from '../../functions/holds/hold-record.ts';
import { createReadActors } from '../../functions/hubspot/actors.ts';
import { createListPlaces } from '../../functions/hubspot/places.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { fakeConversations, hubSpotMessage, THREAD } from './conversation.ts';
import { simulatedAccount } from './simulated-account.ts';

const noOriginal = () => Promise.reject(new UnobtainableError('not found', 'HubSpot has no original'));

/**
 * Writes into a folder: three messages on two days, their authors, and the places of the account: the first is listed cut, the
 * last is taken back.
 */
export async function archiveOneThread(folder: string): Promise<void> {
  const authors = ['A-4110231', 'A-3000001', 'S-hubspot'];
  const hubSpot = fakeConversations(
    ['2026-01-31T10:00:00Z', '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z'].map((createdAt, i) =>
      hubSpotMessage(`m${i + 1}`, createdAt, {
        channelId: '1002',
        createdBy: authors[i],
        ...(i === 0 && { truncationStatus: 'TRUNCATED' }),
      }),
    ),
  );
  hubSpot.state.thread = { ...hubSpot.state.thread, inboxId: '104531', assignedTo: 'A-4110231' };
  const store = await openFolderStore(folder);
  const { http, clock } = simulatedAccount();
  const deps = { store, now: () => clock.ms };
  const actors = createActors({ ...deps, readActors: createReadActors(http.post, 'v3') });
  const captureThread = createCaptureThread({
    conversations: hubSpot.conversations,
    apiVersion: 'v3',
    store,
    sources: { getOriginal: noOriginal, files: undefined },
    settlingMs: 0,
    noteActors: actors.note,
  });
  const capture = () =>
    captureThread({
      ...THREAD,
      announced: { messageIds: ['m9'], occurredAt: 0, firstTry: true },
      requestId: 'r',
    });
  await capture();
  hubSpot.state.messages.pop();
  await capture();
  await actors.resolve({ requestId: 'r', remainingMs: () => Infinity });
  const refreshDirectory = createRefreshDirectory({ ...deps, listPlaces: createListPlaces(http.get, 'v3') });
  await refreshDirectory({ portalId: THREAD.portalId, requestId: 'r' });
  await store.close();
}

/**
 * Erases another thread of that archive, of which one file is left, in a store that keeps it until the new year; and puts a hold
 * on the first.
 */
export async function eraseAnother(folder: string): Promise<void> {
  const store = await openFolderStore(folder);
  const id = { portalId: THREAD.portalId, threadId: '6065362090' };
  await store.put({
    key: attachmentKey(
      { ...id, messageId: 'm1', fileId: '1' },
      { onMessage: 'a.txt', inFiles: undefined, extension: undefined },
    ),
    body: Buffer.from('x'),
    contentType: 'text/plain',
    condition: { absent: true },
    ...describeObject(Buffer.from('x'), { requestId: 'r', fetchStartedAt: '2026-11-19 00:00:00.000' }),
  });
  const until = new Date('2027-01-01T00:00:00Z');
  const eraser = {
    listVersions: store.listVersions,
    eraseVersions: (versions: readonly ObjectVersion[]) =>
      Promise.resolve(versions.map(({ key, versionId }) => ({ key, versionId, until }))),
  };
  for (const now of [Date.UTC(2026, 10, 20, 0, 10), Date.UTC(2026, 10, 20, 1, 10)]) {
    const eraseThread = createEraseThread({ store, eraser, policy: 'erase', now: () => now });
    await eraseThread({
      ...id,
      event: 'conversation.privacyDeletion',
      requestedAt: Date.UTC(2026, 10, 20),
      requestId: 'r',
    });
  }
  const act = { caseName: 'audit', by: 'ann', at: until.getTime(), reason: 'why', requestId: 'r' };
  await recordHoldAct(store, THREAD, { ...act, act: 'add' });
  await store.close();
}
