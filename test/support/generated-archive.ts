import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { partKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { sqlTimestamp } from '../../functions/archive/timestamp.ts';
import { type ChangeSource } from '../../functions/digest/changes.ts';
import { type Change } from '../../functions/digest/digest.ts';
import { createWriteDigests } from '../../functions/digest/write-digests.ts';
import { openDigestKey } from '../../local/digest-key.ts';
import { writeNote } from '../../local/folder-digests.ts';
import { fileOf } from '../../local/folder-reader.ts';
import { openFolderStore } from '../../local/folder-store.ts';

/** When the first digest of a generated archive is written. */
export const FIRST_DIGEST_AT = Date.UTC(2026, 1, 2, 12);
const HOUR_MS = 3_600_000;
const CREATED_AT = Date.UTC(2026, 0, 1);

/** Every key of a generated archive: parts of the threads, some days each, and the threads' records. */
export function* generatedKeys(objects: number): Generator<string> {
  const threads = Math.ceil(objects / 10);
  for (let i = 0; i < objects; i++) {
    const id = { portalId: '62515', threadId: String(6_000_000_000 + (i % threads)) };
    const day = Math.floor(i / threads);
    const dt = new Date(CREATED_AT + day * 24 * HOUR_MS).toISOString().slice(0, 10);
    yield day === 0 ? threadRecordKey(id) : partKey({ ...id, dt });
  }
}

/**
 * An archive in a folder, with digests an hour apart that list all of it: its files as bytes of no meaning, because digests
 * look at nothing else.
 */
export async function generateArchive(
  folder: string,
  { objects, digests, bytes = 300 }: { objects: number; digests: number; bytes?: number },
): Promise<void> {
  const store = await openFolderStore(folder);
  const perDigest = Math.ceil(objects / digests);
  let changes: Change[] = [];
  let hours = 0;
  const source: ChangeSource = {
    take: () => {
      const taken = changes;
      changes = [];
      return Promise.resolve({ changes: taken, more: false, acknowledge: () => Promise.resolve() });
    },
  };
  const writeDigests = createWriteDigests({
    store,
    source,
    signer: await openDigestKey(store.folder),
    now: () => FIRST_DIGEST_AT + hours++ * HOUR_MS,
  });
  const write = async () => {
    const { head } = await writeDigests({ requestId: `run-${hours}`, hasTime: () => true });
    await writeNote(store.folder, head);
  };
  const made = new Set<string>();
  for (const key of generatedKeys(objects)) {
    changes.push(writeObject(store.folder, { key, bytes, made }));
    if (changes.length === perDigest) await write();
  }
  if (changes.length > 0) await write();
  await store.close();
}

function writeObject(
  folder: string,
  { key, bytes, made }: { key: string; bytes: number; made: Set<string> },
): Change {
  const file = fileOf(folder, key);
  const directory = path.dirname(file);
  if (!made.has(directory)) mkdirSync(directory, { recursive: true });
  made.add(directory);
  const seed = createHash('sha256').update(key).digest();
  const body = Buffer.alloc(bytes, seed);
  writeFileSync(file, body);
  return {
    event: 'written',
    key,
    version_id: null,
    sha256: createHash('sha256').update(body).digest('hex'),
    bytes,
    fetch_started_at: sqlTimestamp(new Date(CREATED_AT)),
    request_id: 'generated',
    at: sqlTimestamp(new Date(CREATED_AT)),
  };
}
