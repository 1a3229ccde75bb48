import { createCaptureThread } from '../../functions/archive/capture.ts';
import { createRefreshDirectory } from '../../functions/directory/refresh.ts';
import { createActors } from '../../functions/directory/resolve-actors.ts';
import { createReadActors } from '../../functions/hubspot/actors.ts';
import { type FetchedMessage } from '../../functions/hubspot/conversations.ts';
import { createListPlaces } from '../../functions/hubspot/places.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { fakeConversations, hubSpotMessage } from './conversation.ts';
import { simulatedAccount } from './simulated-account.ts';

const RUTH = 'A-4110231';
/** The account of the archive below, and its days. */
export const DAYS = { portal: '62515', from: '2026-01-31', to: '2026-02-02' };

/** What each saved query has to say of the archive below, worked out by hand: parameters besides {@link DAYS}, and rows as DuckDB gives them. */
export const ANSWERS: Readonly<Record<string, { parameters: Record<string, string>; rows: unknown[][] }>> = {
  transcript: {
    parameters: { thread: '11' },
    rows: [
      ['2026-01-31 10:00:00', 'MESSAGE', 'INCOMING', 'V-900', 'EMAIL', 'Help', 'all of m1', null],
      ['2026-01-31 10:30:00', 'MESSAGE', 'OUTGOING', 'Ruth Adeyemi', 'EMAIL', null, 'text of m2', null],
      [
        '2026-02-01 00:00:00',
        'MESSAGE',
        'INCOMING',
        'V-900',
        'EMAIL',
        null,
        'text of m3',
        '2026-02-02 12:00:00',
      ],
    ],
  },
  volume: {
    parameters: {},
    rows: [
      ['2026-01-31', 'EMAIL', '2', '1', '1', '1'],
      ['2026-02-01', 'EMAIL', '5', '3', '2', '3'],
    ],
  },
  'first-response': { parameters: {}, rows: [['Ruth Adeyemi', 'Sales', '2', 60, 90]] },
  resolution: { parameters: {}, rows: [['Sales', '1', 36.5, 36.5]] },
  undelivered: {
    parameters: {},
    rows: [['2026-02-01 12:00:00', '12', 'm6', 'Ruth Adeyemi', 'EMAIL', 'Mailbox full', null]],
  },
  unanswered: {
    parameters: { hours: '15', asof: '2026-02-02T09:00:00Z' },
    rows: [['13', 'Sales', 'nobody', '2026-02-01 18:00:00', 15]],
  },
  'edited-removed': {
    parameters: {},
    rows: [
      [
        '2026-02-01 00:00:00',
        '11',
        'm3',
        'removed',
        null,
        '2026-02-01 00:00:10',
        '2026-02-02 12:00:00',
        'text of m3',
      ],
      [
        '2026-02-01 10:00:00',
        '12',
        'm4',
        'changed',
        '2026-02-01 10:05:00',
        '2026-02-01 12:00:20',
        null,
        'text of m4',
      ],
    ],
  },
  'contact-said': {
    parameters: { contact: '900' },
    rows: [
      ['2026-01-31 10:00:00', '11', 'EMAIL', 'Help', 'all of m1', null],
      ['2026-02-01 00:00:00', '11', 'EMAIL', null, 'text of m3', '2026-02-02 12:00:00'],
    ],
  },
  'archive-lag': {
    parameters: {},
    rows: [
      ['2026-01-31', '2', 49_510, 50_410],
      ['2026-02-01', '4', 15, 1820],
    ],
  },
  originals: {
    parameters: {},
    rows: [['2026-01-31 10:00:00', '11', 'm1', 'TRUNCATED_TO_MOST_RECENT_REPLY', 'fetched', '10', '9']],
  },
};

const at = (createdAt: string) => `2026-${createdAt}Z`;
const incoming = (id: string, createdAt: string, from: string, more: object = {}) =>
  hubSpotMessage(id, at(createdAt), { direction: 'INCOMING', channelId: '1002', createdBy: from, ...more });
const outgoing = (id: string, createdAt: string, more: object = {}) =>
  hubSpotMessage(id, at(createdAt), { direction: 'OUTGOING', channelId: '1002', createdBy: RUTH, ...more });

/**
 * Writes an archive into a folder. Three threads in one inbox: one is closed, its first message is listed cut and its last one taken back; one is answered,
 * twice, and was changed; one waits.
 */
export async function archiveThreeThreads(folder: string): Promise<void> {
  const store = await openFolderStore(folder);
  const { http, clock } = simulatedAccount();
  const deps = { store, now: () => clock.ms };
  const actors = createActors({ ...deps, readActors: createReadActors(http.post, 'v3') });
  const capture = async (thread: Record<string, unknown>, messages: FetchedMessage[], answeredAt: string) => {
    const hubSpot = fakeConversations(messages);
    hubSpot.state.thread = { archived: false, inboxId: '104531', ...thread };
    hubSpot.state.answeredAt = () => Date.parse(at(answeredAt));
    const captureThread = createCaptureThread({
      conversations: hubSpot.conversations,
      apiVersion: 'v3',
      store,
      sources: {
        getOriginal: () => Promise.resolve({ text: 'all of m1', richText: null }),
        files: undefined,
      },
      settlingMs: 0,
      noteActors: actors.note,
    });
    const announced = { messageIds: [], occurredAt: Date.parse(at(answeredAt)), firstTry: true };
    await captureThread({ portalId: '62515', threadId: String(thread['id']), announced, requestId: 'r' });
  };
  const closed = { id: '11', status: 'CLOSED', closedAt: at('02-01T22:30:00'), associatedContactId: '900' };
  const kept = [
    incoming('m1', '01-31T10:00:00', 'V-900', {
      subject: 'Help',
      truncationStatus: 'TRUNCATED_TO_MOST_RECENT_REPLY',
    }),
    outgoing('m2', '01-31T10:30:00'),
  ];
  await capture(closed, [...kept, incoming('m3', '02-01T00:00:00', 'V-900')], '02-01T00:00:10');
  await capture(closed, kept, '02-02T12:00:00');
  const answered = {
    id: '12',
    status: 'OPEN',
    assignedTo: RUTH,
    associatedContactId: '901',
    latestMessageReceivedTimestamp: at('02-01T10:00:00'),
    latestMessageSentTimestamp: at('02-01T12:00:00'),
  };
  const status = { statusType: 'FAILED', failureDetails: { errorMessage: 'Mailbox full' } };
  await capture(
    answered,
    [
      incoming('m4', '02-01T10:00:00', 'V-901', { updatedAt: at('02-01T10:05:00') }),
      outgoing('m5', '02-01T11:30:00'),
      outgoing('m6', '02-01T12:00:00', { status }),
    ],
    '02-01T12:00:20',
  );
  const waiting = { id: '13', status: 'OPEN', latestMessageReceivedTimestamp: at('02-01T18:00:00') };
  await capture(waiting, [incoming('m7', '02-01T18:00:00', 'V-902')], '02-01T18:00:05');
  await actors.resolve({ requestId: 'r', remainingMs: () => Infinity });
  const refreshDirectory = createRefreshDirectory({ ...deps, listPlaces: createListPlaces(http.get, 'v3') });
  await refreshDirectory({ portalId: '62515', requestId: 'r' });
  await store.close();
}
