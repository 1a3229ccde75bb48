import { randomUUID } from 'node:crypto';
import { constants, existsSync, readFileSync, renameSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type LockedVersion,
  type ObjectEraser,
  type ObjectStore,
  type ObjectVersion,
  type PutFileRequest,
  type PutRequest,
} from '../functions/archive/store.ts';
import { sqlTimestamp } from '../functions/archive/timestamp.ts';
import { type ChangeSource } from '../functions/digest/changes.ts';
import { type Change } from '../functions/digest/digest.ts';
import { isEvidence } from '../functions/digest/layout.ts';
import { ConfigError, ConflictError } from '../functions/errors.ts';
import {
  codeOf,
  createSharedFlush,
  flushDirectory,
  flushFile,
  ignoreMissing,
  makeDirectory,
  writeFlushed,
} from './durable-files.ts';
import { openFolderJournal } from './folder-journal.ts';
import { takeLock } from './folder-lock.ts';
import { createFolderReader, etagOf, explain, fileOf } from './folder-reader.ts';

/** A folder that is an archive, held by this process until it is closed. */
export type FolderStore = ObjectStore &
  ObjectEraser & {
    /** Where it is, as an absolute path. Names that begin with a dot in it are no objects. */
    folder: string;
    /** What was written, until a digest lists it. */
    changes: ChangeSource;
    /** Lets another process have the folder. */
    close: () => Promise<void>;
  };

/**
 * The archive in a folder: the same keys as files, the same compare-and-swap. A write is whole or absent, and once `put`
 * has resolved it outlives a power cut: it goes to a draft, is flushed to the disk, takes the key's place by a rename, and
 * the directory is flushed. Versions are the bucket's; a folder keeps the content alone. Who wrote it is said by the thread
 * record and, with what was written, by a journal that digests are made of.
 *
 * One process at a time: compare-and-swap is atomic because nothing else runs between the comparison and the rename.
 * @throws ConfigError when the folder cannot be written, or another process has it
 */
export async function openFolderStore(folder: string): Promise<FolderStore> {
  const root = path.resolve(folder);
  // All drafts in one place: what a killed writer left is found without searching the archive.
  const drafts = path.join(root, '.drafts');
  const unlock = await openFolder(root, drafts);
  const directories = createDirectories(root);
  const settling = new Map<string, Promise<void>>();

  const reader = createFolderReader(root, settling);
  const journal = await openFolderJournal(root, reader.describe);
  const put = (request: PutRequest) => write(request).catch(explain(`write ${request.key}`));
  const putFile = (request: PutFileRequest) => writeFile(request).catch(explain(`write ${request.key}`));

  async function write({ key, body, condition, metadata }: PutRequest) {
    const etag = etagOf(body);
    const isAsRead = (file: string) => {
      const current = existsSync(file) ? etagOf(readFileSync(file)) : undefined;
      return current === ('absent' in condition ? undefined : condition.etag);
    };
    const change = written(key, { sha256: etag, bytes: body.length, metadata });
    await place(change, (draft) => writeFlushed(draft, body), isAsRead);
    return { etag, versionId: null };
  }

  async function writeFile({ key, path: source, sha256, bytes, metadata }: PutFileRequest) {
    const copy = async (draft: string) => {
      await copyFile(source, draft, constants.COPYFILE_EXCL);
      await flushFile(draft);
    };
    await place(written(key, { sha256, bytes, metadata }), copy, (file) => !existsSync(file));
    return { etag: sha256, versionId: null };
  }

  /** Has a draft written, and puts it in the key's place if that is as it should be. */
  async function place(
    change: Change,
    write: (draft: string) => Promise<void>,
    isAsRead: (file: string) => boolean,
  ): Promise<void> {
    const { key } = change;
    const file = fileOf(root, key);
    const directory = path.dirname(file);
    await directories.make(directory);
    const draft = path.join(drafts, `${randomUUID()}.tmp`);
    const announcing = isEvidence(key) ? journal.announce(change) : undefined;
    const [announced, wrote] = await Promise.allSettled([announcing, write(draft)]);
    try {
      for (const each of [announced, wrote]) if (each.status === 'rejected') throw each.reason;
      // From here to the rename nothing may be awaited.
      if (!isAsRead(file)) throw new ConflictError(`${key} is not as it was read`);
      renameSync(draft, file);
    } catch (error) {
      if (announced.status === 'fulfilled') announced.value?.withdraw();
      await rm(draft, { force: true });
      throw error;
    }
    const confirming = announced.status === 'fulfilled' ? announced.value?.done() : undefined;
    const settled = Promise.all([directories.flush(directory), confirming]).then(() => undefined);
    settling.set(file, settled);
    try {
      await settled;
    } finally {
      if (settling.get(file) === settled) settling.delete(file);
    }
  }

  async function eraseVersions(versions: readonly ObjectVersion[]): Promise<LockedVersion[]> {
    for (const { key } of versions) {
      const file = fileOf(root, key);
      if (!existsSync(file)) continue;
      const announced = isEvidence(key) ? await journal.announce(erased(key)) : undefined;
      await rm(file, { force: true });
      await announced?.done();
      await directories.flush(path.dirname(file)).catch(ignoreMissing);
    }
    return [];
  }

  async function close(): Promise<void> {
    await journal.close();
    await rm(drafts, { recursive: true, force: true });
    await unlock();
  }

  return { ...reader, folder: root, changes: journal.source, put, putFile, eraseVersions, close };
}

function written(
  key: string,
  { sha256, bytes, metadata }: Pick<PutRequest, 'sha256' | 'metadata'> & { bytes: number },
): Change {
  return {
    ...{ event: 'written', key, version_id: null, sha256, bytes },
    fetch_started_at: metadata['fetch-started-at'] ?? null,
    request_id: metadata['request-id'] ?? null,
    at: sqlTimestamp(new Date()),
  };
}

function erased(key: string): Change {
  const blank = { version_id: null, sha256: null, bytes: null, fetch_started_at: null, request_id: null };
  return { event: 'erased', key, ...blank, at: sqlTimestamp(new Date()) };
}

/** Takes the folder for this process, and clears away what one that was killed has left. Gives the way to free it. */
async function openFolder(root: string, drafts: string): Promise<() => Promise<void>> {
  try {
    await makeDirectory(root);
    const unlock = await takeLock(root);
    const names = await readdir(root);
    const lockDrafts = names.filter((name) => name.startsWith('.lock-'));
    for (const name of lockDrafts) await rm(path.join(root, name), { force: true });
    await rm(drafts, { recursive: true, force: true });
    await mkdir(drafts);
    return unlock;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`the folder ${root} cannot be written (${codeOf(error)}); choose one that can`);
  }
}

/** Makes and flushes the directories below a root. Each is flushed into its parent once per process. */
function createDirectories(root: string) {
  const known = new Set([root]);
  const flushes = new Map<string, () => Promise<void>>();

  function flush(directory: string): Promise<void> {
    const shared = flushes.get(directory) ?? createSharedFlush(() => flushDirectory(directory));
    flushes.set(directory, shared);
    return shared();
  }

  async function make(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    const unknown: string[] = [];
    for (let at = directory; at.length > root.length && !known.has(at); at = path.dirname(at))
      unknown.unshift(at);
    // From the top down, so that a directory is known only when all above it are.
    for (const each of unknown) {
      await flush(path.dirname(each));
      known.add(each);
    }
  }

  return { make, flush };
}
