import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addEntry } from '../../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { allMessages } from '../../../local/simulated-hubspot/world.ts';
import { call, DATED, idsOf, type Page, readPages, simulate, V3 } from './client.ts';

function withThread(entries: number, options: Parameters<typeof simulate>[0] = {}) {
  const hubspot = simulate(options);
  const threadId = addOldThread(hubspot.world, { entries, days: 10 });
  const held = [...allMessages(hubspot.world)];
  return { hubspot, threadId, held, path: `${V3}/threads/${threadId}/messages` };
}

const afterOf = (pages: readonly Page[]): string => pages.at(-1)?.paging?.next.after ?? '';

describe('the messages of a thread', () => {
  it.each([V3, DATED])('are answered below %s in the very text that the world holds', (base) => {
    const { hubspot, threadId, held } = withThread(3);

    const { text } = call(hubspot, `${base}/threads/${threadId}/messages?sort=createdAt`);

    expect(text).toBe(`{"results":[${held.map(({ json }) => json).join(',')}]}`);
    expect(call(hubspot, `${base}/threads/${threadId}/messages/${held[1]!.messageId}`).text).toBe(
      held[1]!.json,
    );
  });

  it('come newest first unless asked for otherwise', () => {
    const { hubspot, path, held } = withThread(250);

    const [byDefault, descending, ascending] = [{}, { sort: '-createdAt' }, { sort: 'createdAt' }].map(
      (query) => idsOf(readPages(hubspot, path, { query })),
    );

    const oldestFirst = held.map(({ messageId }) => messageId);
    expect(ascending).toEqual(oldestFirst);
    expect(byDefault).toEqual([...oldestFirst].reverse());
    expect(descending).toEqual(byDefault);
  });

  it('come 100 to a page at most', () => {
    const { hubspot, path } = withThread(250);

    const pages = readPages(hubspot, path, { query: { limit: '100' } });

    expect(pages.map(({ results }) => results.length)).toEqual([100, 100, 50]);
  });

  it.each([
    ['limit=101', 'limit'],
    ['limit=0', 'limit'],
    ['limit=ten', 'limit'],
    ['sort=updatedAt', 'sort'],
    ['archived=yes', 'archived'],
    ['after=NTI1Cg%3D%3D', 'cursor'],
    ['after=', 'cursor'],
  ])('are refused with 400 for %s', (query, named) => {
    const { hubspot, path } = withThread(1);

    const { status, json } = call(hubspot, `${path}?${query}`);

    expect(status).toBe(400);
    expect(json).toMatchObject({
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: expect.stringContaining(named) as string,
    });
    expect(json['correlationId']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a cursor', () => {
  it('is base64 that is already percent-encoded', () => {
    const { hubspot, path } = withThread(30);

    const cursors = readPages(hubspot, path, { query: { limit: '3' } }).flatMap(
      ({ paging }) => paging?.next.after ?? [],
    );

    expect(cursors).toHaveLength(9);
    for (const cursor of cursors) expect(cursor).toMatch(/^([A-Za-z0-9]|%2B|%2F)+(%3D){1,2}$/);
    expect(new Set(cursors).size).toBe(9);
  });

  it('is refused when it is encoded once more', () => {
    const { hubspot, path } = withThread(10);
    const after = afterOf([call(hubspot, `${path}?limit=5`).json as unknown as Page]);

    const asGiven = call(hubspot, `${path}?limit=5&${new URLSearchParams({ after }).toString()}`);
    const decoded = call(
      hubspot,
      `${path}?limit=5&${new URLSearchParams({ after: decodeURIComponent(after) }).toString()}`,
    );

    expect(asGiven.status).toBe(400);
    expect(decoded.status).toBe(200);
  });

  it('is refused for another thread or another order', () => {
    const { hubspot, path } = withThread(10);
    const other = addOldThread(hubspot.world, { entries: 10, days: 1 });
    const after = afterOf([call(hubspot, `${path}?limit=5&sort=createdAt`).json as unknown as Page]);

    const statuses = [
      `${path}?sort=createdAt&after=${after}`,
      `${path}?sort=-createdAt&after=${after}`,
      `${V3}/threads/${other}/messages?sort=createdAt&after=${after}`,
    ].map((path) => call(hubspot, path).status);

    expect(statuses).toEqual([200, 400, 400]);
  });

  it('comes with a link to the real API that holds it as it is', () => {
    const { hubspot, path } = withThread(10);

    const page = call(hubspot, `${path}?limit=5&sort=createdAt`).json as unknown as Page;

    expect(page.paging?.next.link).toBe(
      `https://api.hubapi.com${path}?limit=5&sort=createdAt&after=${afterOf([page])}`,
    );
  });
});

describe('pages that are not what a simple client expects', () => {
  it('are short or empty in the configured share, and still lead to every message once', () => {
    const { hubspot, path, held } = withThread(600, {
      paging: { shortPages: 0.3, emptyPages: 0.2, danglingCursors: 0 },
    });

    const pages = readPages(hubspot, path, { query: { sort: 'createdAt', limit: '10' } });

    const withCursor = pages.filter(({ paging }) => paging !== undefined);
    expect(withCursor.filter(({ results }) => results.length === 0).length).toBeGreaterThan(5);
    expect(
      withCursor.filter(({ results }) => results.length > 0 && results.length < 10).length,
    ).toBeGreaterThan(10);
    expect(idsOf(pages)).toEqual(held.map(({ messageId }) => messageId));
    expect(new Set(withCursor.map((page) => page.paging?.next.after)).size).toBe(withCursor.length);
  });

  it('are the same each time the thread is read', () => {
    const { hubspot, path } = withThread(200, {
      paging: { shortPages: 0.5, emptyPages: 0.2, danglingCursors: 0.5 },
    });

    const [once, again] = [1, 2].map(() => readPages(hubspot, path, { query: { limit: '10' } }));

    expect(again).toEqual(once);
  });

  it('include an empty one behind the last result', () => {
    const { hubspot, path } = withThread(20, { paging: { danglingCursors: 1 } });

    const pages = readPages(hubspot, path, { query: { limit: '10' } });

    expect(pages.map(({ results, paging }) => [results.length, paging !== undefined])).toEqual([
      [10, true],
      [10, true],
      [0, false],
    ]);
  });

  it('never lose or repeat a message, whatever their sizes', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const anything = fc.record({
      seed: fc.integer(),
      entries: fc.integer({ min: 0, max: 60 }),
      limit: fc.integer({ min: 1, max: 100 }),
      sort: fc.constantFrom('createdAt', '-createdAt'),
      paging: fc.record({ shortPages: share, emptyPages: share, danglingCursors: share }),
    });

    fc.assert(
      fc.property(anything, ({ seed, entries, limit, sort, paging }) => {
        const { hubspot, path, held } = withThread(entries, {
          seed,
          paging,
          rateLimits: { tenSecondly: 10_000 },
        });
        const ids = idsOf(readPages(hubspot, path, { query: { sort, limit: String(limit) } }));
        const oldestFirst = held.map(({ messageId }) => messageId);
        expect(ids).toEqual(sort === 'createdAt' ? oldestFirst : oldestFirst.reverse());
      }),
      { numRuns: 60 },
    );
  });
});

describe('a message that is added while the pages are read', () => {
  const grow = (sort: string) => {
    const { hubspot, threadId, path, held } = withThread(30);
    const added: string[] = [];
    const between = (page: number): void => {
      hubspot.clock.now += 1000;
      if (page > 2) return;
      added.push(addEntry(hubspot.world, threadId, { type: 'COMMENT', text: 'meanwhile' }).messageId);
    };
    const ids = idsOf(readPages(hubspot, path, { query: { sort, limit: '10' }, between }));
    return { ids, added, before: held.map(({ messageId }) => messageId) };
  };

  it('stands at the end of ascending pages and shifts nothing', () => {
    const { ids, added, before } = grow('createdAt');

    expect(ids).toEqual([...before, ...added]);
  });

  it('shifts descending pages, so that some messages come twice', () => {
    const { ids, before } = grow('-createdAt');

    expect(ids).toHaveLength(32);
    expect(new Set(ids)).toEqual(new Set(before));
  });

  it('can become visible behind an ascending cursor, which then misses it', () => {
    const { hubspot, threadId, path, held } = withThread(5);
    const late = addEntry(
      hubspot.world,
      threadId,
      { type: 'COMMENT', text: 'late' },
      { visibleAfterMs: 500 },
    ).messageId;
    hubspot.clock.now += 100;
    const prompt = addEntry(hubspot.world, threadId, { type: 'COMMENT', text: 'prompt' }).messageId;
    const between = (page: number): void => {
      if (page === 2) hubspot.clock.now += 1000;
    };

    const once = idsOf(readPages(hubspot, path, { query: { sort: 'createdAt', limit: '3' }, between }));
    const again = idsOf(readPages(hubspot, path, { query: { sort: 'createdAt', limit: '3' } }));

    const before = held.map(({ messageId }) => messageId);
    expect(once).toEqual([...before, prompt]);
    expect(again).toEqual([...before, late, prompt]);
  });
});

describe('the original content', () => {
  it('is longer than what a cut message shows, and the same for any other', () => {
    const { hubspot, threadId, held } = withThread(0);
    const email = addOldThread(hubspot.world, { entries: 100, days: 10, channelId: '1002' });
    const entries = [...allMessages(hubspot.world)].filter(
      (entry) => entry.threadId === email && entry.type === 'MESSAGE',
    );

    const contents = entries.map((entry) => {
      const shown = JSON.parse(entry.json) as { richText: string; truncationStatus: string };
      const whole = call(hubspot, `${V3}/threads/${email}/messages/${entry.messageId}/original-content`).json;
      return { shown, whole, isCut: shown.truncationStatus !== 'NOT_TRUNCATED' };
    });

    expect(held).toEqual([]);
    expect(contents.filter(({ isCut }) => isCut).length).toBeGreaterThan(3);
    for (const { shown, whole, isCut } of contents) {
      expect(String(whole['richText']).length > shown.richText.length).toBe(isCut);
    }
    expect(call(hubspot, `${V3}/threads/${threadId}/messages/x/original-content`).status).toBe(404);
  });

  it('needs no flag for a thread in the trash', async () => {
    const { hubspot, threadId, held } = withThread(3);
    const { archiveThread } = await import('../../../local/simulated-hubspot/changes.ts');

    archiveThread(hubspot.world, threadId);

    const path = `${V3}/threads/${threadId}/messages/${held[0]!.messageId}`;
    expect([path, `${path}/original-content`].map((each) => call(hubspot, each).status)).toEqual([200, 200]);
  });
});
