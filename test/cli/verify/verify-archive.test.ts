import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderEvidence } from '../../../cli/verify/folder-evidence.ts';
import { readOwnKey, readStoredKeys } from '../../../cli/verify/keys.ts';
import { openNotes } from '../../../cli/verify/notes.ts';
import { verifyArchive } from '../../../cli/verify/verify-archive.ts';
import {
  attachmentsPrefix,
  erasureKey,
  partKey,
  threadRecordKey,
} from '../../../functions/archive/layout.ts';
import { digestKey } from '../../../functions/digest/layout.ts';
import { createWriteDigests } from '../../../functions/digest/write-digests.ts';
import { createEraseThread } from '../../../functions/erase/erase-thread.ts';
import { ConfigError } from '../../../functions/errors.ts';
import { openDigestKey } from '../../../local/digest-key.ts';
import { writeFolderDigests } from '../../../local/folder-digests.ts';
import { fileOf } from '../../../local/folder-reader.ts';
import { type FolderStore, openFolderStore } from '../../../local/folder-store.ts';
import { changeOf, waitingChanges } from '../../support/digest-chain.ts';
import { FIRST_DIGEST_AT, generateArchive, generatedKeys } from '../../support/generated-archive.ts';
import { verifyFolder } from '../../support/verify-folder.ts';

const HOUR_MS = 3_600_000;
const ID = { portalId: '62515', threadId: '7' };
const PART = partKey({ ...ID, dt: '2026-01-01' });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(store: FolderStore, key: string, text: string): Promise<void> {
  const object = { contentType: '', sha256: '', metadata: { 'request-id': 'r' } };
  const current = await store.get(key);
  const condition = current === undefined ? ({ absent: true } as const) : { etag: current.etag };
  await store.put({ ...object, key, body: Buffer.from(text), condition });
}

async function withStore(work: (store: FolderStore) => Promise<void>): Promise<void> {
  const store = await openFolderStore(folder);
  await work(store);
  await store.close();
}

describe('a verification', () => {
  it('proves what was written, also over and over, and tells what no digest lists yet', async () => {
    await withStore(async (store) => {
      await put(store, PART, 'one');
      await put(store, PART, 'two');
      await writeFolderDigests(store);
      await put(store, PART, 'one');
      await writeFolderDigests(store);
      await put(store, threadRecordKey(ID), 'new');
      await put(store, PART, 'changed since');
    });

    expect(await verifyFolder(folder)).toMatchObject({
      is_proven: true,
      chain: { digests: 2 },
      objects: { unchanged: 0, not_yet_listed: 2 },
      findings: [],
    });
  });

  it('tells an object that is gone because its thread was erased from one that is missing', async () => {
    await withStore(async (store) => {
      await put(store, PART, 'a part');
      await put(store, `${attachmentsPrefix(ID)}m/f/a.pdf`, 'a file');
      const other = partKey({ ...ID, threadId: '8', dt: '2026-01-01' });
      await put(store, other, 'of another thread');
      const record = { thread_id: '7', fetch_started_at: '2026-01-01 00:00:00.000', fetched_by: 'r' };
      const parts = [{ dt: '2026-01-01', key: PART, messages: 1, sha256: '', bytes: 6, version_id: null }];
      const nothing = { unseen_message_ids: [], deleted_at: null, erased_at: null };
      await put(store, threadRecordKey(ID), JSON.stringify({ ...record, parts, ...nothing }));
      await writeFolderDigests(store);
      const deps = { store, eraser: store, policy: 'erase' as const, now: Date.now };
      const request = { ...ID, event: 'privacy', requestedAt: Date.now(), requestId: 'r' };
      await createEraseThread(deps)(request);
      await store.eraseVersions([{ key: other, versionId: null, isLatest: true }]);
      await writeFolderDigests(store);
    });

    const { objects, findings } = await verifyFolder(folder);

    expect(objects).toMatchObject({ erased: 2, not_yet_listed: 0 });
    expect(findings).toEqual([
      {
        kind: 'missing',
        key: 'messages/portal_id=62515/dt=2026-01-01/8.json.gz',
        versionId: null,
        detail: expect.stringMatching(/^digest 1 lists it, and its deletion at .*no erasure is on record$/),
      },
    ]);
  });

  it('excuses nothing with an erasure that was only asked for', async () => {
    await withStore(async (store) => {
      await put(store, PART, 'a part');
      const deps = { store, eraser: store, policy: 'hold' as const, now: Date.now };
      await createEraseThread(deps)({ ...ID, event: 'privacy', requestedAt: Date.now(), requestId: 'r' });
      expect(await store.get(erasureKey(ID))).toBeDefined();
      await writeFolderDigests(store);
    });
    await rm(fileOf(folder, PART));

    expect((await verifyFolder(folder)).findings).toMatchObject([{ kind: 'missing', key: PART }]);
  });

  it('counts apart what the lifecycle of a bucket has deleted', async () => {
    await withStore(async (store) => {
      const source = waitingChanges();
      const gone = { sha256: null, bytes: null, version_id: 'v1' };
      source.add(changeOf(PART, { version_id: 'v1' }), changeOf(PART, { event: 'expired', ...gone }));
      const signer = await openDigestKey(store.folder);
      const writeDigests = createWriteDigests({ store, source, signer, now: Date.now });
      await writeDigests({ requestId: 'r', hasTime: () => true });
    });

    expect(await verifyFolder(folder)).toMatchObject({ is_proven: true, objects: { expired: 1, erased: 0 } });
  });

  it('names what is there again after it was erased', async () => {
    await withStore(async (store) => {
      await put(store, PART, 'a part');
      await store.eraseVersions([{ key: PART, versionId: null, isLatest: true }]);
      await writeFolderDigests(store);
    });
    await writeFile(fileOf(folder, PART), 'a part');

    expect((await verifyFolder(folder)).findings).toMatchObject([
      { kind: 'unlisted', key: PART, detail: expect.stringContaining('and there again') },
    ]);
  });

  it('names a gap in time, between two digests and since the newest', async () => {
    await generateArchive(folder, { objects: 30, digests: 3 });
    const now = () => FIRST_DIGEST_AT + 5 * HOUR_MS;

    const strict = await verifyFolder(folder, { maxGapMs: HOUR_MS / 2, now });
    const plain = await verifyFolder(folder, { maxGapMs: 2 * HOUR_MS, now });

    expect(strict.findings.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      `gap in time ${digestKey(1)}`,
      `gap in time ${digestKey(2)}`,
      `gap in time ${digestKey(2)}`,
    ]);
    expect(plain.findings.map(({ detail }) => detail)).toEqual(['no digest since 2026-02-02 14:00:00.000']);
    expect((await verifyFolder(folder, { maxGapMs: 3 * HOUR_MS, now })).findings).toEqual([]);
  });

  it('trusts the copy of the public key alone, when there is one', async () => {
    await generateArchive(folder, { objects: 10, digests: 1 });
    const evidence = await openFolderEvidence(folder);
    const notes = openNotes(':memory:');
    const [own] = await readStoredKeys(evidence, notes);
    const copy = path.join(folder, '.copy.pem');
    await writeFile(copy, own![1].export({ type: 'spki', format: 'pem' }));
    const keys = await readOwnKey(copy);
    // Somebody makes a chain of their own, with a key of their own beside it.
    await rm(folder, { recursive: true });
    await generateArchive(folder, { objects: 10, digests: 1 });

    expect(await verifyFolder(folder)).toMatchObject({ is_proven: true });
    expect((await verifyFolder(folder, { keys })).findings[0]).toMatchObject({
      kind: 'bad signature',
      key: digestKey(0),
      detail: expect.stringContaining('which is not trusted'),
    });
  });

  it('refuses as a copy what is no public key', async () => {
    await generateArchive(folder, { objects: 10, digests: 1 });

    await expect(readOwnKey(path.join(folder, '.digest-key.pem'))).rejects.toThrow(ConfigError);
    await expect(readOwnKey(path.join(folder, 'none.pem'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });

  it('says when there is no digest at all', async () => {
    expect((await verifyFolder(folder)).findings).toMatchObject([
      { kind: 'broken chain', detail: expect.stringContaining('there is no digest') },
    ]);
  });

  it('proves an archive that is written, and has digests written, meanwhile', async () => {
    await withStore(async (store) => {
      await put(store, PART, 'one');
      await put(store, threadRecordKey(ID), 'record');
      await writeFolderDigests(store);
      const evidence = await openFolderEvidence(folder);
      const notes = openNotes('');
      const keys = await readStoredKeys(evidence, notes);
      const rules = { keys, maxGapMs: Infinity, now: Date.now };
      let isChanged = false;
      const contentOf: typeof evidence.contentOf = async (version) => {
        if (!isChanged) {
          isChanged = true;
          await put(store, PART, 'two');
          await store.eraseVersions([{ key: threadRecordKey(ID), versionId: null, isLatest: true }]);
          await put(store, partKey({ ...ID, dt: '2026-01-09' }), 'new');
          await writeFolderDigests(store);
          await put(store, threadRecordKey(ID), 'new record');
        }
        return evidence.contentOf(version);
      };
      const { signal } = new AbortController();

      const result = await verifyArchive({ ...evidence, contentOf }, notes, { rules, signal });

      expect([...notes.findings()]).toEqual([]);
      expect(result).toMatchObject({ is_proven: true, chain: { digests: 2 } });
      notes.close();
    });
  });

  it('goes on where it was broken off, and reads nothing twice', async () => {
    await generateArchive(folder, { objects: 300, digests: 3 });
    const [key] = generatedKeys(300);
    await writeFile(fileOf(folder, key!), 'altered');
    const evidence = await openFolderEvidence(folder);
    const file = path.join(folder, '.notes.sqlite');
    let read = 0;
    const counting = {
      ...evidence,
      contentOf: (version: Parameters<typeof evidence.contentOf>[0]) => {
        read++;
        return evidence.contentOf(version);
      },
    };
    const run = async (signal: AbortSignal, onProgress: () => void) => {
      const notes = openNotes(file);
      try {
        const keys = await readStoredKeys(evidence, notes);
        const rules = { keys, maxGapMs: Infinity, now: Date.now };
        await verifyArchive(counting, notes, { rules, signal, onProgress });
        return [...notes.findings()];
      } finally {
        notes.close();
      }
    };
    const broken = new AbortController();
    let steps = 0;
    const first = run(broken.signal, () => {
      if (++steps === 100) broken.abort();
    });
    await expect(first).rejects.toThrow('aborted');
    const readByFirst = read;

    const findings = await run(new AbortController().signal, () => undefined);

    expect(findings).toMatchObject([{ kind: 'altered', key }]);
    expect(readByFirst).toBeGreaterThan(50);
    // The altered one is looked at once more each time.
    expect(read).toBeLessThanOrEqual(300 + 3);
    expect((await readFile(file)).length).toBeGreaterThan(0);
  });
});
