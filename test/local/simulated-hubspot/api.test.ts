import { describe, expect, it } from 'vitest';
import { AGENTS, DEPARTED_AGENT_ID } from '../../../local/simulated-hubspot/account.ts';
import { addEntry, createThread } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { allMessages } from '../../../local/simulated-hubspot/world.ts';
import { call, DATED, idsOf, NOON, readPages, simulate, V3 } from './client.ts';

describe('the API', () => {
  it.each(['', 'another-token'])('refuses the token %j with 401', (token) => {
    const { status, json, headers } = call(simulate(), `${V3}/threads`, { token });

    expect(status).toBe(401);
    expect(json).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' });
    expect(headers['x-hubspot-auth-failure']).toBe('401 Unauthorized');
  });

  it('refuses a token without the scope with 403, and names the scope', () => {
    const hubspot = simulate({ tokens: { narrow: ['files'] } });

    const { status, json } = call(hubspot, `${V3}/threads`, { token: 'narrow' });

    expect(status).toBe(403);
    expect(json).toMatchObject({
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['conversations.read'] } }],
    });
  });

  it('refuses to write', () => {
    const hubspot = simulate();
    const { threadId } = createThread(hubspot.world, { visibleAfterMs: 0 });

    const refused = ['DELETE', 'PATCH', 'POST'].map(
      (method) => call(hubspot, `${V3}/threads/${threadId}`, { method }).status,
    );

    expect(refused).toEqual([403, 403, 403]);
    expect(call(hubspot, `${V3}/threads/${threadId}`).status).toBe(200);
  });

  it.each(['threads/1', 'threads/1/messages', 'actors/A-1', 'inboxes/1', 'channels/1', 'channel-accounts/1'])(
    'answers 404 with an error body for %s',
    (path) => {
      const { status, json } = call(simulate(), `${V3}/${path}`);

      expect(status).toBe(404);
      expect(json).toMatchObject({ status: 'error', category: 'OBJECT_NOT_FOUND' });
    },
  );

  it.each([
    '/nothing',
    `${V3}/owners`,
    `${V3}/threads/1/people`,
    `${V3}/actors`,
    '/conversations/v4/conversations/threads',
  ])('answers 404 in HTML for %s', (path) => {
    const { status, text } = call(simulate(), path);

    expect(status).toBe(404);
    expect(text).toMatch(/^<!DOCTYPE html>/);
  });

  it('answers 400 for a thread id that is no number', () => {
    expect(call(simulate(), `${V3}/threads/abc`).status).toBe(400);
  });
});

describe('the directory', () => {
  it.each([V3, DATED])(
    'lists inboxes, channels and channel accounts below %s, and gives each by id',
    (base) => {
      const hubspot = simulate();

      for (const [kind, count] of [
        ['inboxes', 3],
        ['channels', 4],
        ['channel-accounts', 6],
      ] as const) {
        const { json } = call(hubspot, `${base}/${kind}`);
        const results = json['results'] as { id: string }[];
        expect(json['total']).toBe(count);
        expect(results).toHaveLength(count);
        expect(call(hubspot, `${base}/${kind}/${results[0]!.id}`).json).toEqual(results[0]);
      }
    },
  );

  it('is paged', () => {
    const pages = readPages(simulate(), `${V3}/channel-accounts`, { query: { limit: '4' } });

    expect(pages.map(({ results }) => results.length)).toEqual([4, 2]);
    expect(new Set(idsOf(pages)).size).toBe(6);
  });

  it('filters channel accounts by inbox and channel', () => {
    const accounts = idsOf(
      readPages(simulate(), `${V3}/channel-accounts`, { query: { inboxId: '104530', channelId: '1002' } }),
    );

    expect(accounts).toEqual(['2003']);
  });

  it('knows every actor that messages name, but for the agent who has left', () => {
    const hubspot = simulate({ rateLimits: { tenSecondly: 10_000 } });
    for (const channelId of ['1000', '1002', '1003'] as const)
      addOldThread(hubspot.world, { entries: 300, days: 5, channelId });
    const named = [...allMessages(hubspot.world)].flatMap(
      ({ json }) => json.match(/"[ABEILSV]-[^"]+"/g) ?? [],
    );
    const ids = [...new Set(named.map((quoted) => quoted.slice(1, -1)))];

    const unknown = ids.filter(
      (id) => call(hubspot, `${V3}/actors/${encodeURIComponent(id)}`).status === 404,
    );

    expect(ids.map((id) => id[0])).toEqual(expect.arrayContaining(['A', 'B', 'E', 'S', 'V']));
    expect(unknown).toEqual([DEPARTED_AGENT_ID]);
  });

  it('reads actors in a batch: 200 when all are known, 207 with errors when not', () => {
    const hubspot = simulate();
    const read = (...inputs: string[]) => {
      return call(hubspot, `${V3}/actors/batch/read`, { method: 'POST', body: JSON.stringify({ inputs }) });
    };

    const known = read(AGENTS[0]!.actorId, 'S-hubspot');
    const mixed = read(AGENTS[0]!.actorId, 'A-1', 'V-2');

    expect(known.status).toBe(200);
    expect(known.json).toMatchObject({
      status: 'COMPLETE',
      results: [{ type: 'AGENT' }, { id: 'S-hubspot', type: 'SYSTEM' }],
    });
    expect(known.json).not.toHaveProperty('errors');
    expect(mixed.status).toBe(207);
    expect(mixed.json).toMatchObject({
      results: [{ id: AGENTS[0]!.actorId }],
      numErrors: 2,
      errors: [{ status: 'error', category: 'OBJECT_NOT_FOUND', context: { ids: ['A-1', 'V-2'] } }],
    });
  });

  it.each([
    '',
    '{"inputs":"A-1"}',
    JSON.stringify({ inputs: Array.from({ length: 101 }, (_, n) => `A-${n}`) }),
  ])('refuses a batch that is no list of at most 100 ids (%#)', (body) => {
    expect(call(simulate(), `${V3}/actors/batch/read`, { method: 'POST', body }).status).toBe(400);
  });

  it.each(['/account-info/v3/details', '/account-info/2026-09/details'])(
    'describes the account at %s',
    (path) => {
      const hubspot = simulate({ portalId: 4711, rateLimits: { timeZone: 'America/St_Johns' } });

      const { json } = call(hubspot, path);

      expect(json).toMatchObject({
        portalId: 4711,
        timeZone: 'America/St_Johns',
        utcOffset: '-03:30',
        utcOffsetMilliseconds: -12_600_000,
      });
    },
  );
});

describe('the list of threads', () => {
  const minutes = (count: number): string => new Date(NOON + count * 60_000).toISOString();

  /** Four threads a minute apart; then the first gets another message. */
  function withThreads() {
    const hubspot = simulate();
    const { world, clock } = hubspot;
    const ids = [0, 1, 2, 3].map(() => {
      const { threadId } = createThread(world, { visibleAfterMs: 0 });
      addEntry(world, threadId, { type: 'MESSAGE', by: 'visitor', text: 'hello' }, { createdAt: clock.now });
      clock.now += 60_000;
      return threadId;
    });
    addEntry(
      world,
      ids[0]!,
      { type: 'MESSAGE', by: 'agent', text: 'hello' },
      { createdAt: clock.now, fields: { direction: 'OUTGOING' } },
    );
    return { hubspot, world, ids, path: `${V3}/threads` };
  }

  it('is ordered by id, ascending, in pages', () => {
    const { hubspot, ids, path } = withThreads();

    const pages = readPages(hubspot, path, { query: { limit: '3' } });

    expect(pages.map(({ results }) => results.length)).toEqual([3, 1]);
    expect(idsOf(pages)).toEqual(ids);
  });

  it('is ordered by the latest message when asked, from an instant on', () => {
    const { hubspot, ids, path } = withThreads();
    const [first, second, third, fourth] = ids;
    const from = (instant: string) => {
      const query = { sort: 'latestMessageTimestamp', latestMessageTimestampAfter: instant, limit: '2' };
      return idsOf(readPages(hubspot, path, { query }));
    };

    expect(from(minutes(0))).toEqual([second, third, fourth, first]);
    expect(from(minutes(3))).toEqual([fourth, first]);
    expect(from(minutes(5))).toEqual([]);
  });

  it('does not lose a thread that moves ahead while it is read', () => {
    const { hubspot, world, ids, path } = withThreads();
    const between = (page: number): void => {
      hubspot.clock.now += 60_000;
      if (page === 1) addEntry(world, ids[1]!, { type: 'MESSAGE', by: 'visitor', text: 'again' });
    };

    const query = { sort: 'latestMessageTimestamp', latestMessageTimestampAfter: minutes(0), limit: '1' };
    const seen = idsOf(readPages(hubspot, path, { query, between }));

    expect(seen).toEqual([ids[1], ids[2], ids[3], ids[0], ids[1]]);
  });

  it('moves a thread for a message, but not for its status, its assignee or its inbox', () => {
    const { hubspot, world, ids, path } = withThreads();
    hubspot.clock.now += 3_600_000;

    addEntry(world, ids[2]!, { type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' });
    addEntry(world, ids[2]!, { type: 'ASSIGNMENT', assignedTo: 'A-4110231' });
    addEntry(world, ids[2]!, { type: 'THREAD_INBOX_CHANGE', toInboxId: '104531' });

    expect(call(hubspot, `${path}/${ids[2]!}`).json).toMatchObject({
      latestMessageTimestamp: '2023-11-07T12:02:00Z',
      latestMessageReceivedTimestamp: '2023-11-07T12:02:00Z',
      status: 'CLOSED',
      assignedTo: 'A-4110231',
      inboxId: '104531',
    });
  });

  it('does not move a thread for a message that is not visible yet', () => {
    const { hubspot, world, ids, path } = withThreads();
    const latest = () => call(hubspot, `${path}/${ids[3]!}`).json['latestMessageTimestamp'];
    addEntry(world, ids[3]!, { type: 'MESSAGE', by: 'visitor', text: 'late' }, { visibleAfterMs: 900 });

    const before = latest();
    hubspot.clock.now += 900;
    const after = latest();

    expect([before, after]).toEqual(['2023-11-07T12:03:00Z', '2023-11-07T12:04:00Z']);
  });

  it('tells sent from received messages', () => {
    const { hubspot, ids, path } = withThreads();

    expect(call(hubspot, `${path}/${ids[0]!}`).json).toMatchObject({
      latestMessageTimestamp: '2023-11-07T12:04:00Z',
      latestMessageSentTimestamp: '2023-11-07T12:04:00Z',
      latestMessageReceivedTimestamp: '2023-11-07T12:00:00Z',
    });
  });

  it('filters by inbox, status and contact, and orders a contact’s threads downwards on request', () => {
    const { hubspot, world, ids, path } = withThreads();
    addEntry(world, ids[1]!, { type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' });
    addEntry(world, ids[2]!, { type: 'THREAD_INBOX_CHANGE', toInboxId: '999' });
    const contact = world.threads.get(ids[0]!)!.profile.associatedContactId;

    expect(idsOf(readPages(hubspot, path, { query: { threadStatus: 'CLOSED' } }))).toEqual([ids[1]]);
    expect(idsOf(readPages(hubspot, path, { query: { inboxId: '999' } }))).toEqual([ids[2]]);
    const query = { associatedContactId: contact, threadStatus: 'OPEN', sort: '-id' };
    expect(idsOf(readPages(hubspot, path, { query }))).toEqual([ids[0]]);
  });

  it('orders downwards when it is of one contact', () => {
    const { hubspot, world, ids, path } = withThreads();
    for (const id of ids) Object.assign(world.threads.get(id)!.profile, { associatedContactId: '77' });
    const of77 = { associatedContactId: '77', threadStatus: 'OPEN', limit: '3' };

    const byId = idsOf(readPages(hubspot, path, { query: { ...of77, sort: '-id' } }));
    const byTime = idsOf(readPages(hubspot, path, { query: { ...of77, sort: '-latestMessageTimestamp' } }));

    expect(byId).toEqual([...ids].reverse());
    expect(byTime).toEqual([ids[0], ids[3], ids[2], ids[1]]);
  });

  it('shows a ticket only when asked', () => {
    const { hubspot, world, ids, path } = withThreads();
    Object.assign(world.threads.get(ids[0]!)!.profile, { associatedTicketId: '99' });

    expect(call(hubspot, `${path}/${ids[0]!}`).json).not.toHaveProperty('threadAssociations');
    expect(call(hubspot, `${path}/${ids[0]!}?association=TICKET`).json['threadAssociations']).toEqual({
      associatedTicketId: '99',
    });
  });

  it.each([
    'sort=latestMessageTimestamp',
    'sort=latestMessageTimestamp&latestMessageTimestampAfter=yesterday',
    'sort=-id',
    'sort=createdAt',
    'inboxId=1&associatedContactId=2&threadStatus=OPEN',
    'associatedContactId=2',
    'threadStatus=PENDING',
    'limit=501',
    'after=x',
  ])('is refused with 400 for %s', (query) => {
    const { status, json } = call(simulate(), `${V3}/threads?${query}`);

    expect(status).toBe(400);
    expect(json['category']).toBe('VALIDATION_ERROR');
  });

  it('has ids of 10 or 11 digits', () => {
    const { ids } = withThreads();

    for (const id of ids) expect(id).toMatch(/^\d{10,11}$/);
  });
});
