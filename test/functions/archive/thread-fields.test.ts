import { beforeEach, describe, expect, it } from 'vitest';
import { archiveBatch } from '../../../functions/archive/archive-batch.ts';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { threadRecordKey } from '../../../functions/archive/layout.ts';
import { type ThreadRecord } from '../../../functions/archive/thread-record.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { parseEvents } from '../../../functions/hubspot/events.ts';
import { groupByThread } from '../../../functions/webhook/group-by-thread.ts';
import {
  addEntry,
  archiveThread,
  changeThread,
  createThread,
  restoreThread,
} from '../../../local/simulated-hubspot/changes.ts';
import { type WebhookEvent } from '../../../local/simulated-hubspot/events.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount } from '../../support/simulated-account.ts';

const AGENT = 'A-4110231';

/**
 * HubSpot's thread, member by member (https://github.com/HubSpot/HubSpot-public-api-spec-collection, Conversations, read
 * November 2026), the column of each, and how it is read.
 */
const text = (value: unknown) => value ?? null;
const time = (value: unknown) =>
  typeof value === 'string' ? new Date(value).toISOString().replace('T', ' ').replace('Z', '') : null;
const MEMBERS: Readonly<Record<string, [keyof ThreadRecord, (value: unknown) => unknown]>> = {
  id: ['thread_id', text],
  archived: ['archived', text],
  associatedContactId: ['associated_contact_id', text],
  createdAt: ['created_at', time],
  inboxId: ['inbox_id', text],
  originalChannelAccountId: ['original_channel_account_id', text],
  originalChannelId: ['original_channel_id', text],
  spam: ['spam', text],
  status: ['status', text],
  assignedTo: ['assigned_to', text],
  closedAt: ['closed_at', time],
  latestMessageTimestamp: ['latest_message_timestamp', time],
  latestMessageSentTimestamp: ['latest_message_sent_timestamp', time],
  latestMessageReceivedTimestamp: ['latest_message_received_timestamp', time],
  threadAssociations: [
    'associated_ticket_id',
    (value) => (value as { associatedTicketId: string } | undefined)?.associatedTicketId ?? null,
  ],
};

/** An account with one thread, and what the product makes of its events. */
function setUp() {
  const { hubspot, http, clock } = simulatedAccount();
  const archive = recordingStore();
  const captureThread = createCaptureThread({
    conversations: createConversations(http.get, 'v3'),
    apiVersion: 'v3',
    store: archive.store,
    sources: { getOriginal: () => Promise.reject(new Error('no original')), files: undefined },
    settlingMs: 5_000,
  });
  const { world } = hubspot;
  // A thread with a ticket; which ones have one is drawn.
  let created = createThread(world);
  while (world.threads.get(created.threadId)?.profile.associatedTicketId === undefined)
    created = createThread(world);
  const { threadId } = created;

  /** Takes events from their JSON to the archive, as both homes do; the queue holds them back for fifteen seconds. */
  async function archiveEvents(events: readonly WebhookEvent[]): Promise<void> {
    const batch = parseEvents(Buffer.from(JSON.stringify(events)));
    const portals = [PORTAL_ID];
    const { threads } = groupByThread(batch, { portals, receivedAt: clock.ms, requestId: 'webhook-1' });
    clock.ms += 15_000;
    const deps = {
      portals,
      captureThread,
      now: () => clock.ms,
      remainingMs: () => Infinity,
      requestId: 'request-1',
    };
    const records = threads.map((thread) => ({
      recordId: 'r',
      body: JSON.stringify(thread),
      receiveCount: 1,
      isLastTry: false,
    }));
    const verdicts = await archiveBatch(deps, records);
    expect(verdicts.map(({ result }) => result)).toEqual(threads.map(() => 'done'));
  }

  const key = threadRecordKey({ portalId: PORTAL_ID, threadId });
  const record = () => archive.record(key);
  const say = (by: 'visitor' | 'agent') =>
    addEntry(world, threadId, { type: 'MESSAGE', by, text: 'Hello' }).events;
  return { world, clock, archive, threadId, key, record, archiveEvents, say };
}

let account: ReturnType<typeof setUp>;
beforeEach(() => {
  account = setUp();
});

describe('a thread record', () => {
  it('has every member of the thread that HubSpot has, in a column of its own', async () => {
    const { world, threadId, clock, record, archiveEvents, say } = account;
    say('visitor');
    clock.ms += 1_000;
    say('agent');
    clock.ms += 1_000;
    changeThread(world, threadId, { assignedTo: AGENT });
    await archiveEvents(changeThread(world, threadId, { status: 'CLOSED' }));

    const members = JSON.parse(record().raw!) as Record<string, unknown>;
    const expected = Object.entries(MEMBERS).map(([member, [column, read]]) => [
      column,
      read(members[member]),
    ]);

    expect(Object.keys(members).toSorted()).toEqual(Object.keys(MEMBERS).toSorted());
    expect(expected.filter(([, value]) => value === null)).toEqual([]);
    expect(record()).toMatchObject(Object.fromEntries(expected));
  });
});

describe('a propertyChange', () => {
  /** Archives the thread with a message, and forgets the writes. */
  async function archiveFirst(): Promise<void> {
    await account.archiveEvents(account.say('visitor'));
    account.archive.takeWrites();
  }
  const members = () => JSON.parse(account.record().raw!) as Record<string, unknown>;

  it.each(['CLOSED', 'OPEN'] as const)(
    'of status to %s is in the record, which alone is written',
    async (status) => {
      await archiveFirst();
      const { world, threadId, archive, key, record, archiveEvents } = account;
      if (status === 'OPEN') await archiveEvents(changeThread(world, threadId, { status: 'CLOSED' }));
      archive.takeWrites();

      await archiveEvents(changeThread(world, threadId, { status }));

      expect(record()).toMatchObject({ status, message_count: 1 });
      expect(record().closed_at).toEqual(time(members()['closedAt']));
      expect(record().closed_at === null).toBe(status === 'OPEN');
      expect(archive.takeWrites()).toEqual([key]);
    },
  );

  it('of assignedTo is in the record, which alone is written: somebody, and nobody', async () => {
    await archiveFirst();
    const { world, threadId, archive, key, record, archiveEvents } = account;

    await archiveEvents(changeThread(world, threadId, { assignedTo: AGENT }));
    expect(record().assigned_to).toBe(AGENT);
    await archiveEvents(changeThread(world, threadId, { assignedTo: undefined }));
    expect(record().assigned_to).toBeNull();

    expect(archive.takeWrites()).toEqual([key, key]);
  });

  it('that comes with an entry in the history writes the record and the part of that day', async () => {
    await archiveFirst();
    const { world, threadId, archive, key, record, archiveEvents } = account;

    await archiveEvents(addEntry(world, threadId, { type: 'ASSIGNMENT', assignedTo: AGENT }).events);

    expect(record()).toMatchObject({ assigned_to: AGENT, message_count: 2 });
    expect(archive.takeWrites()).toEqual([expect.stringMatching(/^messages\//), key]);
  });

  it.each(['FALSE', 'false'])(
    'of isArchived to %s takes the mark of deletion away',
    async (propertyValue) => {
      await archiveFirst();
      const { world, threadId, clock, archive, key, record, archiveEvents } = account;
      const before = record();
      await archiveEvents(archiveThread(world, threadId));
      expect(record()).toMatchObject({
        archived: true,
        deleted_at: '2026-02-02 12:00:30.000',
        message_count: 1,
      });
      clock.ms += 3_600_000;

      const events = restoreThread(world, threadId).map((event) => ({ ...event, propertyValue }));
      await archiveEvents(events);

      expect(events).toMatchObject([{ propertyName: 'isArchived', propertyValue }]);
      expect(record()).toEqual({
        ...before,
        archived: false,
        deleted_at: null,
        fetch_started_at: '2026-02-02 13:00:45.000',
      });
      expect(archive.takeWrites()).toEqual([key, key]);
    },
  );
});
