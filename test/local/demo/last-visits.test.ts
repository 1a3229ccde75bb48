import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { partKey } from '../../../functions/archive/layout.ts';
import { describeObject } from '../../../functions/archive/parts.ts';
import { createEraseThread } from '../../../functions/erase/erase-thread.ts';
import { readErasure } from '../../../functions/erase/erasure-record.ts';
import { makeLastVisits } from '../../../local/demo/last-visits.ts';
import { type FolderStore, openFolderStore } from '../../../local/folder-store.ts';

const THREAD = { portalId: '62515', threadId: '6065362089' };
const PART = partKey({ ...THREAD, dt: '2026-02-01' });

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-visits-'));
  store = await openFolderStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function putRecordAndPart(): Promise<void> {
  const parts = [{ dt: '2026-02-01', key: PART, messages: 1, sha256: '', bytes: 1, version_id: null }];
  const times = { fetch_started_at: '2026-02-02 12:00:00.000', fetched_by: 'worker', deleted_at: null };
  const record = { thread_id: THREAD.threadId, ...times, parts, unseen_message_ids: [], erased_at: null };
  await put('threads/portal_id=62515/6065362089.json', JSON.stringify(record));
  await put(PART, 'content');
}

async function put(key: string, text: string): Promise<void> {
  const body = Buffer.from(text);
  const provenance = { requestId: 'worker', fetchStartedAt: '2026-02-02 12:00:00.000' };
  const condition = { absent: true } as const;
  await store.put({ key, body, contentType: '', condition, ...describeObject(body, provenance) });
}

it('an erasure that has begun is ended, with what a worker wrote since', async () => {
  await putRecordAndPart();
  const erase = createEraseThread({ store, eraser: store, policy: 'erase', now: Date.now });
  const event = 'conversation.privacyDeletion';
  await erase({ ...THREAD, event, requestedAt: Date.now(), requestId: 'first' });
  await put(PART, 'content');

  await makeLastVisits(store, THREAD.portalId, Date.now());

  expect(await store.get(PART)).toBeUndefined();
  expect((await readErasure(store, THREAD))?.erasure.finished_at).not.toBeNull();
});

it('an erasure that has not begun is not made up for', async () => {
  await putRecordAndPart();

  await makeLastVisits(store, THREAD.portalId, Date.now());

  expect(await store.get(PART)).toBeDefined();
});
