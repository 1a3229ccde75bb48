import { describe, expect, it } from 'vitest';
import {
  createListThreads,
  type ListThreads,
  type ThreadListRequest,
} from '../../../functions/hubspot/thread-lists.ts';
import { addOldThread } from '../../../local/simulated-hubspot/history.ts';
import { archiveThread } from '../../../local/simulated-hubspot/changes.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';

const QUIRKS = { shortPages: 0.5, emptyPages: 0.3, danglingCursors: 0.5 };
const DAY_MS = 86_400_000;

/** An account with so many threads of the last days, every fifth of them in the trash. */
function accountWithThreads(count: number, seed = 1) {
  const account = simulatedAccount({ seed, paging: QUIRKS });
  const { world } = account.hubspot;
  const ids = Array.from({ length: count }, (_, i) => String(6_000_000_000 + i));
  for (const [i, threadId] of ids.entries())
    addOldThread(world, { threadId, entries: 3, days: 1 + (i % 20) });
  const trashed = ids.filter((_, i) => i % 5 === 0);
  for (const threadId of trashed) archiveThread(world, threadId);
  return { ...account, ids, trashed };
}

async function listAll(list: ListThreads, request: ThreadListRequest) {
  const pages = [await list(request)];
  for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
    pages.push(await list({ ...request, cursor: next }));
  return pages.flatMap(({ threads }) => threads);
}

describe('the threads of an account', () => {
  it.each(['v3', '2026-09'] as const)(
    'are read to the end by %s, whatever the pages are like',
    async (version) => {
      for (let seed = 1; seed <= 5; seed++) {
        const { http, ids, trashed } = accountWithThreads(250, seed);
        const list = createListThreads(http.get, version);

        const live = await listAll(list, { portalId: PORTAL_ID, archived: false });
        const inTrash = await listAll(list, { portalId: PORTAL_ID, archived: true });

        expect(live.map(({ thread }) => thread.id)).toEqual(ids.filter((id) => !trashed.includes(id)));
        expect(inTrash.map(({ thread }) => thread.id)).toEqual(trashed);
        expect(inTrash.every(({ thread }) => thread.archived)).toBe(true);
      }
    },
  );

  it('are those with a message since then, in the order of their newest message', async () => {
    const { http, ids, hubspot } = accountWithThreads(60);
    const newestOf = (id: string) => hubspot.world.threads.get(id)?.latest.message ?? 0;
    const newestMessageFrom = START - 5 * DAY_MS;

    const listed = await listAll(createListThreads(http.get, 'v3'), {
      portalId: PORTAL_ID,
      archived: false,
      newestMessageFrom,
    });

    const times = listed.map(({ thread }) => newestOf(thread.id));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((time) => time >= newestMessageFrom)).toBe(true);
    const expected = ids.filter((id, i) => i % 5 !== 0 && newestOf(id) >= newestMessageFrom);
    expect(listed.map(({ thread }) => thread.id).sort()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });

  it('come with the very text of each, and HubSpot’s time', async () => {
    const raw = '{ "id": 9007199254740993, "archived": false, "n": 1 }';
    const list = createListThreads(
      () => Promise.resolve({ text: `{"results":[${raw}]}`, answeredAt: 7 }),
      'v3',
    );

    const page = await list({ portalId: PORTAL_ID, archived: false });

    expect(page).toEqual({
      threads: [{ thread: { id: '9007199254740993', archived: false, n: 1 }, raw }],
      next: undefined,
      answeredAt: 7,
    });
  });

  it.each([
    ['there is no such list', undefined, 'HubSpot shows no threads of account 62515'],
    ['a thread has no id', '{"results":[{}]}', 'results.0 departs from the API at: id'],
    ['it goes round in circles', '{"results":[],"paging":{"next":{"after":"x"}}}', 'repeats a cursor'],
  ])('are refused when %s', async (_, text, message) => {
    const list = createListThreads(() => Promise.resolve({ text, answeredAt: 7 }), 'v3');

    await expect(list({ portalId: PORTAL_ID, archived: false, cursor: 'x' })).rejects.toThrow(message);
  });
});
