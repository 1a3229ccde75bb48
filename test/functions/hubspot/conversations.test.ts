import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { type ApiVersion } from '../../../functions/hubspot/paths.ts';

const ID = { portalId: '62515', threadId: '6065362089' };
const thread = { id: ID.threadId, archived: false, status: 'OPEN' };
const message = (id: string) => ({
  id,
  type: 'MESSAGE',
  createdAt: '2026-01-31T10:00:00Z',
  text: `about ${id}`,
});
const page = (ids: string[], after?: string) =>
  JSON.stringify({ results: ids.map(message), ...(after !== undefined && { paging: { next: { after } } }) });

/** HubSpot as a map from path to answer; 404 for any other path. */
function hubSpot(answers: Record<string, string>, apiVersion: ApiVersion = 'v3') {
  const calls: string[] = [];
  const get = (_: string, path: string) => {
    calls.push(path);
    return Promise.resolve({ text: answers[path], answeredAt: 1_000 * calls.length });
  };
  return { ...createConversations(get, apiVersion), calls };
}

const V3 = '/conversations/v3/conversations/threads/6065362089';
const THREADS = '/conversations/v3/conversations/threads?limit=1';
const LIST = `${V3}/messages?sort=createdAt&limit=100`;

async function listIds({ listMessagePages }: ReturnType<typeof hubSpot>, threadIsArchived = false) {
  const pages = await Array.fromAsync(listMessagePages(ID, { threadIsArchived }));
  return pages.map(({ messages }) => messages.map(({ id }) => id));
}

describe('a thread', () => {
  it('comes with the text HubSpot sent, by both shapes of path', async () => {
    const raw = '{ "id" : "6065362089", "archived":false,"new field": 9007199254740993 }';
    const v3 = hubSpot({ [`${V3}?association=TICKET`]: raw });
    const dated = '/conversations/conversations/2026-09/threads/6065362089?association=TICKET';

    expect(await v3.getThread(ID)).toMatchObject({
      found: { raw, thread: { id: '6065362089', archived: false } },
      answeredAt: 1_000,
    });
    expect(await hubSpot({ [dated]: raw }, '2026-09').getThread(ID)).toMatchObject({ found: { raw } });
  });

  it('is looked for in the trash when it is not found outside', async () => {
    const archived = hubSpot({
      [`${V3}?association=TICKET&archived=true`]: JSON.stringify({ ...thread, archived: true }),
    });

    expect(await archived.getThread(ID)).toMatchObject({
      found: { thread: { archived: true } },
      answeredAt: 1_000,
    });
    expect(archived.calls).toHaveLength(2);
  });

  it.each([
    ['v3', '/conversations/v3/conversations/threads?limit=1'],
    ['2026-09', '/conversations/conversations/2026-09/threads?limit=1'],
  ] as const)(
    'is not found when %s has it nowhere, and shows threads of the account',
    async (version, list) => {
      const without = hubSpot({ [list]: '{"results":[]}' }, version);

      expect(await without.getThread(ID)).toEqual({ found: undefined, answeredAt: 1_000 });
      expect(without.calls.slice(2)).toEqual([list]);
    },
  );

  it('is not called gone by an API that answers 404 to everything', async () => {
    const { getThread } = hubSpot({});

    await expect(getThread(ID)).rejects.toMatchObject({
      name: 'HubSpotError',
      message: 'HubSpot shows no threads of account 62515 at all under version v3 of its API',
      status: 404,
      transient: false,
    });
  });

  it('has the threads of its account listed once a minute when it is one of many that are gone', async () => {
    // Each call takes a second.
    const many = hubSpot({ [THREADS]: '{"results":[]}' });
    const listed = () => many.calls.filter((path) => path === THREADS).length;

    while (many.calls.length < 61) await many.getThread(ID);
    expect(listed()).toBe(1);
    await many.getThread(ID);
    await many.getThread(ID);
    expect(listed()).toBe(2);
    await many.getThread({ ...ID, portalId: '62516' });
    expect(listed()).toBe(3);
  });

  it('is looked for anew after an API that was not there, with nothing remembered of it', async () => {
    const answers: Record<string, string> = {};
    const { getThread } = hubSpot(answers);
    await expect(getThread(ID)).rejects.toThrow('shows no threads of account 62515');
    answers[THREADS] = '{"results":[]}';

    expect((await getThread(ID)).found).toBeUndefined();
  });

  it.each([
    ['no JSON', '{"id":', 'is not JSON'],
    ['no id', '{"status":"OPEN"}', 'departs from the API at: id'],
    ['another thread', '{"id":"1"}', 'with another thread'],
  ])('is refused when the answer is %s', async (_, raw, message) => {
    await expect(hubSpot({ [`${V3}?association=TICKET`]: raw }).getThread(ID)).rejects.toThrow(message);
  });
});

describe('the messages of a thread', () => {
  it('are read to the end of the cursor, whatever the sizes of the pages, each once and in order', async () => {
    const cursor = fc.base64String({ minLength: 4, maxLength: 12 });
    const pageSizes = fc.array(fc.nat(5), { minLength: 1, maxLength: 12 });
    const cursors = fc.uniqueArray(cursor, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pageSizes, cursors, fc.boolean(), async (sizes, names, encoded) => {
        const ids = sizes.map((size, p) => Array.from({ length: size }, (_, i) => `p${p}m${i}`));
        const answers = Object.fromEntries(
          ids.map((pageIds, p) => {
            const next = p === ids.length - 1 ? undefined : names[p]!;
            const after = p === 0 ? '' : `&after=${encodeURIComponent(names[p - 1]!)}`;
            return [`${LIST}${after}`, page(pageIds, next && encoded ? encodeURIComponent(next) : next)];
          }),
        );

        expect(await listIds(hubSpot(answers))).toEqual(ids);
      }),
    );
  });

  it('come with the very text of each', async () => {
    const { listMessagePages } = hubSpot({
      [LIST]: '{"results":[ {"id":"a","createdAt":"2026-01-31T10:00:00Z","n":9007199254740993 } ]}',
    });

    const [first] = await Array.fromAsync(listMessagePages(ID, { threadIsArchived: false }));

    expect(first?.messages[0]?.raw).toBe(
      '{"id":"a","createdAt":"2026-01-31T10:00:00Z","n":9007199254740993 }',
    );
  });

  it('are refused when a cursor comes again, rather than read for ever or cut short', async () => {
    const looping = hubSpot({ [LIST]: page(['a'], 'x'), [`${LIST}&after=x`]: page(['b'], 'x') });

    await expect(listIds(looping)).rejects.toThrow('repeats a cursor of thread 62515/6065362089');
  });

  it('go on from a place, asked for as they were, and are refused when they lead back to it', async () => {
    const from = { cursor: 'x', archived: true };
    const onwards = `${LIST}&archived=true&after=x`;
    const list = ({ listMessagePages }: ReturnType<typeof hubSpot>) =>
      Array.fromAsync(listMessagePages(ID, { threadIsArchived: false, from }));

    const pages = await list(
      hubSpot({ [onwards]: page(['b'], 'y'), [`${LIST}&archived=true&after=y`]: page(['c']) }),
    );

    expect(pages.map(({ messages, next }) => [messages[0]?.id, next])).toEqual([
      ['b', { cursor: 'y', archived: true }],
      ['c', undefined],
    ]);
    await expect(list(hubSpot({ [onwards]: page(['b'], 'x') }))).rejects.toThrow('repeats a cursor');
  });

  it('are refused when a page on the way is gone', async () => {
    await expect(listIds(hubSpot({ [LIST]: page(['a'], 'x') }))).rejects.toThrow(
      'vanished while it was read',
    );
  });

  it('are refused when a thread that exists has no list', async () => {
    await expect(listIds(hubSpot({}))).rejects.toThrow('shows no messages of thread 62515/6065362089');
  });

  it('of a thread in the trash are asked for with the flag when they do not show without it', async () => {
    const flagged = `${LIST}&archived=true`;

    expect(await listIds(hubSpot({ [flagged]: page(['a']) }), true)).toEqual([['a']]);
    expect(await listIds(hubSpot({ [LIST]: page([]), [flagged]: page(['a']) }), true)).toEqual([['a']]);
    expect(await listIds(hubSpot({ [LIST]: page(['a']), [flagged]: page([]) }), true)).toEqual([['a']]);
  });

  it('keep every digit of integers beyond 2^53, and fields that nobody knows', async () => {
    const odd =
      '{"id":12345678901234567,"createdAt":"2026-01-31T10:00:00Z","fileId":9007199254740993,"wave":[1]}';

    const { listMessagePages } = hubSpot({ [LIST]: `{"results":[${odd}]}` });
    const [first] = await Array.fromAsync(listMessagePages(ID, { threadIsArchived: false }));

    expect(first?.messages[0]).toMatchObject({
      id: '12345678901234567',
      fields: { fileId: '9007199254740993', wave: [1] },
    });
  });

  it.each(['{}', '[]', '{"results":{}}', 'null', '{"paging":{}}'])(
    'are refused when the answer is %s',
    async (text) => {
      await expect(listIds(hubSpot({ [LIST]: text }))).rejects.toThrow('departs from the API at: ');
    },
  );

  it.each([
    ['no id', { createdAt: '2026-01-31T10:00:00Z' }, 'results.0 departs from the API at: id'],
    ['no time', { id: 'a' }, 'results.0 departs from the API at: createdAt'],
    [
      'a time without a zone',
      { id: 'a', createdAt: '2026-01-31T10:00:00' },
      'results.0 departs from the API at: createdAt',
    ],
    [
      'a day that does not exist',
      { id: 'a', createdAt: '2026-13-31T10:00:00Z' },
      'results.0 departs from the API at: createdAt',
    ],
    [
      'a time of the year 10000',
      { id: 'a', createdAt: '9999-12-31T23:59:59-01:00' },
      'results.0 departs from the API at: createdAt',
    ],
  ])('are refused when one has %s: it would have no place in the archive', async (_, bad, place) => {
    const answers = { [LIST]: JSON.stringify({ results: [bad] }) };

    await expect(listIds(hubSpot(answers))).rejects.toThrow(place);
  });
});
