import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestKey } from '../../functions/digest/layout.ts';
import { writeNote } from '../../local/folder-digests.ts';
import { openFolderQueue } from '../../local/folder-queue.ts';
import { type FolderStore, openFolderStore } from '../../local/folder-store.ts';
import { openDigestKey } from '../../local/digest-key.ts';
import { leaveRequest } from '../../local/redrive-requests.ts';
import { queuedThread } from '../support/queue-record.ts';
import { holdDirectoryFlushes, onRename, resetDisk, unsettledIn } from '../support/watched-disk.ts';

// The file system itself, and the real one: only what a power cut could undo is noted on the way.
vi.mock('node:fs', async (original) =>
  (await import('../support/watched-disk.ts')).watchSync(await original()),
);
vi.mock('node:fs/promises', async (original) =>
  (await import('../support/watched-disk.ts')).watchPromises(
    await original(),
    await vi.importActual('node:fs'),
  ),
);

const KEY = 'messages/portal_id=1/dt=2026-01-31/7.json.gz';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  folder = path.join(parent, 'data', 'archive');
  resetDisk();
});
afterEach(() => rm(parent, { recursive: true }));

/** Drafts and the lock are cleared away at the start: nobody misses one. */
const unsettled = () => unsettledIn(parent).filter((file) => !/^data\/archive\/\.(drafts|lock)/.test(file));

/** What could be undone just before each rename to a name that counts. */
function atRenames(): Record<string, string[]> {
  const seen: Record<string, string[]> = {};
  onRename((to) => {
    seen[path.relative(parent, to)] = unsettled();
  });
  return seen;
}

const object = (key: string, text: string) => ({
  ...{ key, body: Buffer.from(text), contentType: 'text/plain', metadata: {} },
  sha256: createHash('sha256').update(text).digest('hex'),
});
const put = (store: FolderStore, key: string, text = 'x') =>
  store.put({ ...object(key, text), condition: { absent: true } });

describe('what a folder has written', () => {
  let store: FolderStore;
  beforeEach(async () => {
    store = await openFolderStore(folder);
  });
  afterEach(() => store.close());

  it('outlives a power cut, the folders that were made for it too', async () => {
    expect(unsettled()).toEqual([]);
    const before = atRenames();

    await put(store, KEY);

    expect(unsettled()).toEqual([]);
    // Announced, for good, before it takes its place.
    expect(before[`data/archive/${KEY}`]).toEqual([]);
    expect((await store.changes.take(10)).changes).toMatchObject([{ event: 'written', key: KEY }]);
  });

  it('outlives it as a copied file', async () => {
    const source = path.join(parent, 'source');
    writeFileSync(source, 'x');
    const { body, ...request } = object('attachments/1', 'x');
    const before = atRenames();

    await store.putFile({ ...request, path: source, bytes: body.length });

    expect(unsettled()).toEqual([]);
    expect(before['data/archive/attachments/1']).toEqual([]);
    expect((await store.changes.take(10)).changes).toMatchObject([
      { event: 'written', key: 'attachments/1' },
    ]);
  });

  it('stays erased, and listed as such', async () => {
    await put(store, KEY);
    await (await store.changes.take(10)).acknowledge();
    expect(unsettled()).toEqual([]);

    await store.eraseVersions([{ key: KEY, versionId: null, isLatest: true }]);

    expect(unsettled()).toEqual([]);
    expect((await store.changes.take(10)).changes).toMatchObject([{ event: 'erased', key: KEY }]);
  });

  it('is shown to nobody while a power cut could undo it', async () => {
    await put(store, 'messages/1.json.gz');
    const goOn = holdDirectoryFlushes();
    const writing = put(store, 'messages/2.json.gz', 'new');
    await vi.waitUntil(() => existsSync(path.join(folder, 'messages/2.json.gz')), { interval: 1 });
    const seen: string[] = [];

    const readers = [
      store.get('messages/2.json.gz').then((found) => seen.push(found!.body.toString())),
      store.describe('messages/2.json.gz').then((found) => seen.push(String(found!.bytes))),
    ];

    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([]);
    goOn();
    await Promise.all([writing, ...readers]);
    expect(seen.sort()).toEqual(['3', 'new']);
  });

  it('is no change when it lost to another writer, and none when it is a digest', async () => {
    await put(store, KEY);
    await Promise.allSettled([put(store, KEY, 'lost'), put(store, digestKey(0))]);

    expect((await store.changes.take(10)).changes).toMatchObject([{ key: KEY, bytes: 1 }]);
  });
});

describe('beside the archive', () => {
  beforeEach(async () => {
    const store = await openFolderStore(folder);
    await store.close();
  });

  it('what is sent to the queue outlives a power cut, also when the journal was just written anew', async () => {
    const options = { delayMs: 0, visibilityMs: 1_000, maxReceiveCount: 2, now: () => 0 };
    const before = atRenames();
    const queue = await openFolderQueue(path.join(folder, '.queue'), options);
    for (let i = 0; i < 4; i++) {
      await queue.send([queuedThread({ threadId: String(i), requestId: 'x'.repeat(600_000) })]);
      expect(unsettled()).toEqual([]);
      for (const { recordId } of queue.receive(1)) queue.acknowledge(recordId);
    }

    await queue.send([queuedThread({ threadId: '7' })]);

    expect(unsettled()).toEqual([]);
    expect(before['data/archive/.queue/journal']).toEqual(['data/archive/.queue/journal.draft']);
    await queue.close();
  });

  it('the key of the digests and the note of the newest one outlive it', async () => {
    const before = atRenames();
    await openDigestKey(folder);
    await writeNote(folder, { sequence: 1, sha256: 'ab' });

    expect(unsettled()).toEqual([]);
    // The name of a draft may go, and never the content of what takes its place.
    expect(before).toEqual({
      'data/archive/.digest-key.pem': ['data/archive/.digest-key.pem.tmp'],
      'data/archive/.journal/newest-digest.json': ['data/archive/.journal/newest-digest.json.tmp'],
    });
  });

  it('a request to redrive outlives it', async () => {
    const options = { delayMs: 0, visibilityMs: 1_000, maxReceiveCount: 2, now: () => 0 };
    const queue = await openFolderQueue(path.join(folder, '.queue'), options);
    const before = atRenames();

    const file = await leaveRequest(path.join(folder, '.queue'), { recordIds: ['a'], perSecond: 1 });

    expect(unsettled()).toEqual([]);
    const name = path.relative(parent, file);
    expect(before).toEqual({ [name]: ['data/archive/.queue/redrive', `${name}.draft`] });
    await queue.close();
  });
});
