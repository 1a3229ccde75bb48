import { createCaptureThread } from '../../functions/archive/capture.ts';
import { actorKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { createActors } from '../../functions/directory/resolve-actors.ts';
import { createWriteDigests } from '../../functions/digest/write-digests.ts';
import { createEraseThread } from '../../functions/erase/erase-thread.ts';
import { createReadActors } from '../../functions/hubspot/actors.ts';
import { openDigestKey } from '../../local/digest-key.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { writeFolderDigests } from '../../local/folder-digests.ts';
import { fakeConversations, hubSpotMessage, THREAD } from './conversation.ts';
import { changeOf, waitingChanges } from './digest-chain.ts';
import { simulatedAccount } from './simulated-account.ts';

const { portalId } = THREAD;

/** Who writes, in turn: somebody whose id stands in a key, and somebody whose address does not. */
export const AUTHORS = ['A-4110231', 'E-ana@example.com'] as const;

/** An archive in a folder, written by the product, that changes as a test wants it. */
export async function changingArchive(folder: string) {
  const store = await openFolderStore(folder);
  const source = waitingChanges();
  const { http } = simulatedAccount();
  const actors = createActors({ store, readActors: createReadActors(http.post, 'v3'), now: () => nowMs });
  let nowMs = Date.UTC(2026, 1, 2, 12);
  return {
    /** Archives a thread as HubSpot shows it: each message's id, and when it was created, with another text behind it. */
    async capture(threadId: string, messages: Record<string, string>) {
      const hubSpot = fakeConversations(
        Object.entries(messages).map(([id, words], i) => {
          const [createdAt = '', text] = words.split(' ');
          return hubSpotMessage(id, createdAt, {
            createdBy: AUTHORS[i % 2],
            ...(text !== undefined && { text }),
          });
        }),
      );
      hubSpot.state.thread = { id: threadId, archived: false, status: 'OPEN' };
      hubSpot.state.answeredAt = () => (nowMs += 1000);
      const capture = createCaptureThread({
        conversations: hubSpot.conversations,
        apiVersion: 'v3',
        store,
        sources: { getOriginal: () => Promise.reject(new Error('not listed cut')), files: undefined },
        settlingMs: 0,
        noteActors: actors.note,
      });
      // An event from before the last fetch would be taken for covered by it.
      nowMs += 60_000;
      const announced = { messageIds: [], occurredAt: nowMs, firstTry: true };
      await capture({ portalId, threadId, announced, requestId: 'r' });
      await actors.resolve({ requestId: 'r', remainingMs: () => Infinity });
    },
    async erase(threadId: string) {
      const erase = createEraseThread({ store, eraser: store, policy: 'erase', now: Date.now });
      await erase({ portalId, threadId, event: 'privacy', requestedAt: Date.now(), requestId: 'r' });
    },
    async eraseActor(actorId: string) {
      await store.eraseVersions([{ key: actorKey({ portalId, actorId }), versionId: null, isLatest: true }]);
    },
    writeDigest: () => writeFolderDigests(store),
    /** Writes a digest that names records of threads, without any being there. */
    async pretendToWrite(threadIds: string[]) {
      source.add(...threadIds.map((threadId) => changeOf(threadRecordKey({ portalId, threadId }))));
      const signer = await openDigestKey(folder);
      const writeDigests = createWriteDigests({ store, source, signer, now: Date.now });
      await writeDigests({ requestId: 'r', hasTime: () => true });
    },
    close: () => store.close(),
  };
}
