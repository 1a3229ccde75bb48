import { beforeEach, describe, expect, it } from 'vitest';
import { compareWithHubSpot, type HubSpotDeps } from '../../../cli/verify/against-hubspot.ts';
import { type Finding } from '../../../cli/verify/finding.ts';
import { partKey, threadRecordKey } from '../../../functions/archive/layout.ts';
import { encodePart } from '../../../functions/archive/part.ts';
import { createConversations } from '../../../functions/hubspot/conversations.ts';
import { createListThreads } from '../../../functions/hubspot/thread-lists.ts';
import { addEntry, createThread, purgeThread } from '../../../local/simulated-hubspot/changes.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';

const DT = new Date(START).toISOString().slice(0, 10);
const SQL_TIME = '2026-02-02 12:00:00.000';

let objects: Map<string, Buffer>;
let account: ReturnType<typeof simulatedAccount>;
let deps: HubSpotDeps;
let threadId: string;
let messageIds: string[];

beforeEach(() => {
  objects = new Map();
  account = simulatedAccount();
  const { world } = account.hubspot;
  ({ threadId } = createThread(world, { visibleAfterMs: 0 }));
  for (const text of ['one', 'two'])
    addEntry(world, threadId, { type: 'COMMENT', text }, { visibleAfterMs: 0 });
  messageIds = [...world.threads.get(threadId)!.entries.keys()];
  deps = {
    archive: {
      get: (key) => {
        const body = objects.get(key);
        return Promise.resolve(body && { body, etag: '', versionId: null });
      },
      describe: () => Promise.reject(new Error('nobody asks')),
      async *list(prefix) {
        yield* await Promise.resolve([...objects.keys()].filter((key) => key.startsWith(prefix)));
      },
      async *listVersions() {
        yield* await Promise.resolve([]);
      },
    },
    listThreads: createListThreads(account.http.get, 'v3'),
    conversations: createConversations(account.http.get, 'v3'),
    portalId: PORTAL_ID,
  };
});

/** Archives these messages of the thread, all of one day; those with a `-` before them as removed. */
async function archive(ids: readonly string[], record: object = {}): Promise<string> {
  const id = { portalId: PORTAL_ID, threadId };
  const key = partKey({ ...id, dt: DT });
  const rows = ids.map((text) => {
    const [message_id, removed_at] = text.startsWith('-') ? [text.slice(1), SQL_TIME] : [text, null];
    return {
      message_id,
      removed_at,
      created_at: SQL_TIME,
      updated_at: null,
      observed_at: SQL_TIME,
      raw: '{}',
    };
  });
  objects.set(key, await encodePart(rows));
  const parts = [{ dt: DT, key, messages: rows.length, sha256: '', bytes: 0, version_id: null }];
  const nothing = { unseen_message_ids: [], deleted_at: null, erased_at: null };
  const known = {
    thread_id: threadId,
    fetch_started_at: '2026-02-02 11:59:59.000',
    fetched_by: 'r',
    parts,
    ...nothing,
  };
  objects.set(threadRecordKey(id), Buffer.from(JSON.stringify({ ...known, ...record })));
  return key;
}

async function compare() {
  const findings: Finding[] = [];
  const { signal } = new AbortController();
  const run = { signal, onProgress: () => undefined };
  const counts = await compareWithHubSpot(deps, run, (finding) => void findings.push(finding));
  return { counts, findings };
}

describe('a comparison with HubSpot', () => {
  it('finds nothing when every message is in the archive, and what HubSpot shows no more is marked so', async () => {
    await archive([...messageIds, '-gone']);

    expect(await compare()).toEqual({
      counts: { threads: 1, erased: 0, held: messageIds.length, archived: messageIds.length, removed: 1 },
      findings: [],
    });
  });

  it('names the message that is missing in the archive, and how many there are on its day', async () => {
    const key = await archive(messageIds.slice(1));

    expect((await compare()).findings).toEqual([
      {
        kind: 'missing in archive',
        key,
        versionId: null,
        detail: `message ${messageIds[0]}; HubSpot has ${messageIds.length}, the archive ${messageIds.length - 1}`,
      },
    ]);
  });

  it('names a message that is in the archive alone, and not marked', async () => {
    const key = await archive([...messageIds, 'invented']);

    expect((await compare()).findings).toMatchObject([
      {
        kind: 'only in archive',
        key,
        detail: expect.stringMatching(/^message invented, not marked as removed/),
      },
    ]);
  });

  it('names a thread that is not archived', async () => {
    expect((await compare()).findings).toMatchObject([
      { kind: 'thread not archived', key: threadRecordKey({ portalId: PORTAL_ID, threadId }) },
    ]);
  });

  it('expects nothing of a thread that was erased', async () => {
    await archive([], { parts: [], erased_at: SQL_TIME });

    expect(await compare()).toMatchObject({ counts: { threads: 1, erased: 1, held: 0 }, findings: [] });
  });

  it('names every thread that the archive alone has, so that a token of another account proves nothing', async () => {
    await archive(messageIds);
    purgeThread(account.hubspot.world, threadId);

    expect(await compare()).toMatchObject({
      counts: { threads: 0 },
      findings: [
        {
          kind: 'only in archive',
          key: threadRecordKey({ portalId: PORTAL_ID, threadId }),
          detail: 'HubSpot lists no such thread, and its record does not say that it is gone',
        },
      ],
    });
  });

  it.each([
    ['its record says that it is gone', { deleted_at: SQL_TIME }],
    ['it was erased', { erased_at: SQL_TIME }],
    ['it was fetched since the listing began', { fetch_started_at: '2026-02-02 12:00:01.000' }],
  ])('expects no thread to be listed when %s', async (_, record) => {
    await archive(messageIds, { fetch_started_at: '2026-02-02 11:59:59.000', ...record });
    purgeThread(account.hubspot.world, threadId);

    expect((await compare()).findings).toEqual([]);
  });

  it('names a part that cannot be read, and goes on', async () => {
    objects.set(await archive(messageIds), Buffer.from('no gzip'));

    expect((await compare()).findings).toMatchObject([
      { kind: 'not readable', detail: expect.stringContaining('is not whole gzip') },
    ]);
  });
});
