import { describe, expect, it } from 'vitest';
import {
  addEntry,
  archiveThread,
  createThread,
  editMessage,
  purgeThread,
  removeMessage,
  restoreThread,
} from '../../../local/simulated-hubspot/changes.ts';
import { type Turn } from '../../../local/simulated-hubspot/conversation.ts';
import { allMessages } from '../../../local/simulated-hubspot/world.ts';
import { call, idsOf, NOON, readPages, simulate, V3 } from './client.ts';

const HELLO: Turn = { type: 'MESSAGE', by: 'visitor', text: 'Hello' };

function withThread(options: Parameters<typeof simulate>[0] = {}) {
  const hubspot = simulate(options);
  const { threadId, events } = createThread(hubspot.world, { visibleAfterMs: 0 });
  return { hubspot, world: hubspot.world, threadId, events, path: `${V3}/threads/${threadId}` };
}

describe('events', () => {
  it('announce a thread and its messages in the shape of the recorded one', () => {
    const { world, threadId, events } = withThread();

    const { messageId, events: more } = addEntry(world, threadId, HELLO);

    expect(events).toMatchObject([{ subscriptionType: 'conversation.creation', objectId: Number(threadId) }]);
    expect(events[0]).not.toHaveProperty('messageId');
    expect(more).toEqual([
      {
        eventId: expect.any(Number) as number,
        subscriptionId: 2371671,
        portalId: 62515,
        appId: 2438486,
        occurredAt: NOON,
        subscriptionType: 'conversation.newMessage',
        attemptNumber: 0,
        objectId: Number(threadId),
        messageId,
        messageType: 'MESSAGE',
        changeFlag: 'NEW_MESSAGE',
      },
    ]);
  });

  it.each<[Turn, string[]]>([
    [{ type: 'COMMENT', text: 'note' }, ['conversation.newMessage']],
    [{ type: 'WELCOME_MESSAGE', text: 'hi' }, ['conversation.newMessage']],
    [{ type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' }, ['conversation.propertyChange']],
    [{ type: 'ASSIGNMENT', assignedTo: 'A-4110231' }, ['conversation.propertyChange']],
    [{ type: 'THREAD_INBOX_CHANGE', toInboxId: '104531' }, []],
    [{ type: 'CALL_SUMMARY', text: 'called' }, []],
  ])('of $type are those that HubSpot sends', (turn, types) => {
    const { world, threadId } = withThread();

    const { events } = addEntry(world, threadId, turn);

    expect(events.map(({ subscriptionType }) => subscriptionType)).toEqual(types);
  });

  it('name the property and its value, empty for nobody', () => {
    const { world, threadId } = withThread();

    const assigned = addEntry(world, threadId, { type: 'ASSIGNMENT', assignedTo: 'A-4110231' }).events;
    const unassigned = addEntry(world, threadId, { type: 'ASSIGNMENT', assignedTo: undefined }).events;
    const closed = addEntry(world, threadId, { type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' }).events;

    expect([...assigned, ...unassigned, ...closed]).toMatchObject([
      { propertyName: 'assignedTo', propertyValue: 'A-4110231' },
      { propertyName: 'assignedTo', propertyValue: '' },
      { propertyName: 'status', propertyValue: 'CLOSED' },
    ]);
  });

  it('have an id that is not always unique', () => {
    const { world, threadId } = withThread();

    const ids = Array.from({ length: 500 }, () => addEntry(world, threadId, HELLO).events[0]?.eventId);

    expect(new Set(ids).size).toBeLessThan(500);
    expect(new Set(ids).size).toBeGreaterThan(450);
  });
});

describe('a message', () => {
  it('is not shown anywhere before its time, although its event is sent', () => {
    const { hubspot, world, threadId, path } = withThread();
    addEntry(world, threadId, { type: 'COMMENT', text: 'first' });

    const { messageId, events } = addEntry(world, threadId, HELLO, { visibleAfterMs: 1500 });

    const shown = (): (string | number)[] => [
      call(hubspot, `${path}/messages/${messageId}`).status,
      call(hubspot, `${path}/messages/${messageId}/original-content`).status,
      idsOf(readPages(hubspot, `${path}/messages`)).length,
    ];
    expect(events).toHaveLength(1);
    hubspot.clock.now += 1499;
    expect(shown()).toEqual([404, 404, 1]);
    hubspot.clock.now += 1;
    expect(shown()).toEqual([200, 200, 2]);
    expect([...allMessages(world)].map(({ visibleAt }) => visibleAt - NOON)).toEqual([0, 1500]);
  });

  it('that comes late stands at its place in time', () => {
    const { hubspot, world, threadId, path } = withThread();
    const late = addEntry(world, threadId, HELLO, { visibleAfterMs: 1000 }).messageId;
    hubspot.clock.now += 10;
    const prompt = addEntry(world, threadId, HELLO).messageId;

    hubspot.clock.now += 1000;

    expect(idsOf(readPages(hubspot, `${path}/messages`, { query: { sort: 'createdAt' } }))).toEqual([
      late,
      prompt,
    ]);
  });

  it('never overtakes the one before, although some instants are whole seconds', () => {
    const { hubspot, world, threadId } = withThread();

    for (let count = 0; count < 2000; count++) {
      hubspot.clock.now += 7;
      addEntry(world, threadId, HELLO);
    }

    const times = [...allMessages(world)].map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(new Set(times).size).toBeGreaterThan(1900);
  });

  it('is late in the configured share, by at most the configured time', () => {
    const { world, threadId } = withThread({ late: { share: 0.2, maxMs: 700 } });

    for (let count = 0; count < 1000; count++) addEntry(world, threadId, HELLO);

    const lateness = [...allMessages(world)].map(({ visibleAt }) => visibleAt - NOON).filter((ms) => ms > 0);
    expect(lateness.length).toBeGreaterThan(150);
    expect(lateness.length).toBeLessThan(250);
    expect(Math.max(...lateness)).toBeLessThanOrEqual(700);
  });

  it('that is edited has a later updatedAt and no event', () => {
    const { hubspot, world, threadId, path } = withThread();
    const { messageId } = addEntry(world, threadId, HELLO, { fields: { huge: 9007199254740993n } });
    hubspot.clock.now += 60_001;

    const events = editMessage(world, threadId, messageId, { text: 'Hello!' });

    const { text, json } = call(hubspot, `${path}/messages/${messageId}`);
    expect(events).toEqual([]);
    expect(json).toMatchObject({
      text: 'Hello!',
      createdAt: '2023-11-07T12:00:00Z',
      updatedAt: '2023-11-07T12:01:00.001Z',
    });
    expect(text).toContain('"huge":9007199254740993');
    expect(readPages(hubspot, `${path}/messages`)[0]?.results[0]).toEqual(json);
  });

  it('that is removed is gone from every call', () => {
    const { hubspot, world, threadId, path } = withThread();
    const { messageId } = addEntry(world, threadId, HELLO);

    const events = removeMessage(world, threadId, messageId);

    expect(events).toEqual([]);
    expect(call(hubspot, `${path}/messages/${messageId}`).status).toBe(404);
    expect(idsOf(readPages(hubspot, `${path}/messages`))).toEqual([]);
    expect([...allMessages(world)]).toEqual([]);
  });
});

describe('a thread', () => {
  const statuses = (hubspot: ReturnType<typeof simulate>, path: string): number[] =>
    ['', '?archived=true', '/messages', '/messages?archived=true'].map(
      (rest) => call(hubspot, path + rest).status,
    );

  it('that is live is not shown with archived=true', () => {
    const { hubspot, path } = withThread();

    expect(statuses(hubspot, path)).toEqual([200, 404, 200, 404]);
    expect(idsOf(readPages(hubspot, `${V3}/threads`))).toHaveLength(1);
    expect(idsOf(readPages(hubspot, `${V3}/threads`, { query: { archived: 'true' } }))).toEqual([]);
  });

  it('in the trash is shown with archived=true only, for 30 days', () => {
    const { hubspot, world, threadId, path } = withThread();

    const events = archiveThread(world, threadId);

    expect(events).toMatchObject([{ subscriptionType: 'conversation.deletion' }]);
    expect(statuses(hubspot, path)).toEqual([404, 200, 404, 200]);
    expect(call(hubspot, `${path}?archived=true`).json['archived']).toBe(true);
    expect(idsOf(readPages(hubspot, `${V3}/threads`))).toEqual([]);
    expect(idsOf(readPages(hubspot, `${V3}/threads`, { query: { archived: 'true' } }))).toEqual([threadId]);
    hubspot.clock.now += 30 * 86_400_000;
    expect(statuses(hubspot, path)).toEqual([404, 404, 404, 404]);
  });

  it('in the trash shows its messages without a flag in the other reading, and none with it', () => {
    const { hubspot, world, threadId, path } = withThread({ trashReading: 'no flag' });
    addEntry(world, threadId, HELLO);

    archiveThread(world, threadId);

    expect(statuses(hubspot, path)).toEqual([404, 200, 200, 200]);
    expect(idsOf(readPages(hubspot, `${path}/messages`))).toHaveLength(1);
    expect(idsOf(readPages(hubspot, `${path}/messages`, { query: { archived: 'true' } }))).toEqual([]);
  });

  it('that is restored is live again', () => {
    const { hubspot, world, threadId, path } = withThread();
    archiveThread(world, threadId);

    const [event] = restoreThread(world, threadId);

    expect(event).toMatchObject({
      subscriptionType: 'conversation.propertyChange',
      propertyName: 'isArchived',
    });
    expect(event?.propertyValue?.toLowerCase()).toBe('false');
    expect(statuses(hubspot, path)).toEqual([200, 404, 200, 404]);
  });

  it('that is purged is gone everywhere, its visitor too', () => {
    const { hubspot, world, threadId, path } = withThread();
    const visitor = world.threads.get(threadId)?.profile.visitor.actorId ?? '';
    const { messageId } = addEntry(world, threadId, HELLO);

    const events = purgeThread(world, threadId);

    expect(events.map(({ subscriptionType }) => subscriptionType).sort()).toEqual([
      'conversation.deletion',
      'conversation.privacyDeletion',
    ]);
    expect(statuses(hubspot, path)).toEqual([404, 404, 404, 404]);
    expect(call(hubspot, `${path}/messages/${messageId}`).status).toBe(404);
    expect(call(hubspot, `${V3}/actors/${visitor}`).status).toBe(404);
    expect([...allMessages(world)]).toEqual([]);
  });

  it('that is purged from the trash sends no second deletion', () => {
    const { world, threadId } = withThread();
    archiveThread(world, threadId);

    const events = purgeThread(world, threadId);

    expect(events.map(({ subscriptionType }) => subscriptionType)).toEqual(['conversation.privacyDeletion']);
  });

  it('that is new can be unknown for a while after its event', () => {
    const hubspot = simulate();

    const { threadId, events } = createThread(hubspot.world, { visibleAfterMs: 800 });

    expect(events).toHaveLength(1);
    expect(call(hubspot, `${V3}/threads/${threadId}`).status).toBe(404);
    expect(idsOf(readPages(hubspot, `${V3}/threads`))).toEqual([]);
    hubspot.clock.now += 800;
    expect(call(hubspot, `${V3}/threads/${threadId}`).status).toBe(200);
  });
});
