import { createCaptureThread } from '../../functions/archive/capture.ts';
import { createRefreshDirectory } from '../../functions/directory/refresh.ts';
import { createActors } from '../../functions/directory/resolve-actors.ts';
import { createReadActors } from '../../functions/hubspot/actors.ts';
import { type FetchedMessage } from '../../functions/hubspot/conversations.ts';
import { createListPlaces } from '../../functions/hubspot/places.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { removeInbox } from '../../local/simulated-hubspot/directory-changes.ts';
import { fakeConversations, hubSpotMessage } from './conversation.ts';
import { simulatedAccount } from './simulated-account.ts';

/** Actor id of the agent who answers in that archive. */
export const RUTH = 'A-4110231';
const DAY_MS = 24 * 3_600_000;

const at = (time: string) => `2026-${time}Z`;
const message = (id: string, createdAt: string, more: object) =>
  hubSpotMessage(id, at(createdAt), { channelId: '1002', channelAccountId: '2004', ...more });
const cut = { truncationStatus: 'TRUNCATED', richText: '<p>cut</p>' };

/**
 * Writes an archive into a folder: two accounts that are alike. In each, a thread waits in Sales, with three messages that are listed cut: the original of m1
 * has a text, and no HTML to speak of, that of m3 only HTML, that of m5 neither. Another is closed, in an inbox that is gone a day later.
 */
export async function archiveTwoAccounts(folder: string): Promise<void> {
  const store = await openFolderStore(folder);
  const { hubspot, http, clock } = simulatedAccount();
  const deps = { store, now: () => clock.ms };
  const actors = createActors({ ...deps, readActors: createReadActors(http.post, 'v3') });
  const refreshDirectory = createRefreshDirectory({ ...deps, listPlaces: createListPlaces(http.get, 'v3') });
  const capture = async (portalId: string, thread: Record<string, unknown>, messages: FetchedMessage[]) => {
    const hubSpot = fakeConversations(messages);
    hubSpot.state.thread = { archived: false, ...thread };
    const captureThread = createCaptureThread({
      conversations: hubSpot.conversations,
      apiVersion: 'v3',
      store,
      sources: {
        getOriginal: (_, id) =>
          Promise.resolve({
            text: id === 'm1' ? 'all of m1' : null,
            richText: { m1: '', m3: '<p>all of m3</p>' }[id] ?? null,
          }),
        files: undefined,
      },
      settlingMs: 0,
      noteActors: actors.note,
    });
    const announced = { messageIds: [], occurredAt: 0, firstTry: true };
    await captureThread({ portalId, threadId: String(thread['id']), announced, requestId: 'r' });
  };
  const waiting = {
    id: '21',
    status: 'OPEN',
    inboxId: '104531',
    assignedTo: RUTH,
    associatedContactId: '900',
    originalChannelId: '1002',
    originalChannelAccountId: '2004',
    latestMessageReceivedTimestamp: at('02-01T12:00:00'),
    latestMessageSentTimestamp: at('02-01T11:00:00'),
  };
  const closed = {
    id: '22',
    status: 'CLOSED',
    inboxId: '104530',
    originalChannelId: '1000',
    originalChannelAccountId: '2001',
    latestMessageReceivedTimestamp: at('02-01T13:00:00'),
  };
  for (const portalId of ['62515', '62516']) {
    await capture(portalId, waiting, [
      message('m1', '01-31T10:00:00', { createdBy: 'V-900', direction: 'INCOMING', ...cut }),
      message('m2', '02-01T11:00:00', { createdBy: RUTH, direction: 'OUTGOING' }),
      message('m3', '02-01T11:30:00', { createdBy: 'V-900', direction: 'INCOMING', ...cut }),
      message('m5', '02-01T12:00:00', { createdBy: 'V-900', direction: 'INCOMING', ...cut }),
    ]);
    await capture(portalId, closed, [
      hubSpotMessage('m4', at('02-01T13:00:00'), { type: 'ASSIGNMENT', text: null, assignedTo: RUTH }),
    ]);
    await refreshDirectory({ portalId, requestId: 'r' });
  }
  await actors.resolve({ requestId: 'r', remainingMs: () => Infinity });
  removeInbox(hubspot.world, '104530');
  clock.ms += DAY_MS;
  for (const portalId of ['62515', '62516']) await refreshDirectory({ portalId, requestId: 'r' });
  await store.close();
}
