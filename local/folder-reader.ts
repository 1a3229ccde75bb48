import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type ObjectEraser,
  type ObjectStore,
  type ObjectVersion,
  type StoredObject,
} from '../functions/archive/store.ts';
import { ConfigError, ConflictError, StoreError } from '../functions/errors.ts';
import { sha256Hex } from '../functions/sha256.ts';
import { codeOf, ignoreMissing, ignoreNowhere } from './durable-files.ts';

/** What can be read of an archive in a folder. */
export type FolderReader = Pick<ObjectStore, 'get' | 'describe' | 'list'> &
  Pick<ObjectEraser, 'listVersions'>;

/**
 * An archive in a folder to be read, also while another process writes it: each object is whole.
 * @throws ConfigError when there is no such folder
 */
export async function openFolderReader(folder: string): Promise<FolderReader> {
  const root = path.resolve(folder);
  const found = await stat(root).catch(ignoreNowhere);
  if (found?.isDirectory() !== true) throw new ConfigError(`there is no folder ${root}`);
  return createFolderReader(root, new Map());
}

/**
 * The same, for the process that writes it.
 * @param settling by file, the writes that a power cut could still undo
 */
export function createFolderReader(root: string, settling: ReadonlyMap<string, Promise<void>>): FolderReader {
  async function read(key: string): Promise<StoredObject | undefined> {
    const file = fileOf(root, key);
    const body = await readFile(file).catch(ignoreMissing);
    // Nobody may build on a content, and acknowledge what it is about, while a power cut could still undo it.
    await settling.get(file);
    return body && { body, etag: etagOf(body), versionId: null };
  }

  async function describe(key: string) {
    const file = fileOf(root, key);
    const found = await stat(file).catch(ignoreMissing);
    if (found === undefined) return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) hash.update(chunk);
    });
    await settling.get(file);
    return { bytes: found.size, sha256: hash.digest('hex') };
  }

  async function* list(prefix: string): AsyncGenerator<string> {
    for await (const key of walk(root, prefix.slice(0, prefix.lastIndexOf('/') + 1))) {
      if (key.startsWith(prefix)) yield key;
    }
  }

  async function* listVersions(prefix: string): AsyncGenerator<ObjectVersion> {
    for await (const key of list(prefix)) yield { key, versionId: null, isLatest: true };
  }

  return { get: (key) => read(key).catch(explain(`read ${key}`)), describe, list, listVersions };
}

/** The keys below a directory, one directory at a time, so that a large archive is never listed in memory. */
async function* walk(root: string, directory: string): AsyncGenerator<string> {
  const entries = await readdir(fileOf(root, directory), { withFileTypes: true }).catch(ignoreMissing);
  for (const entry of entries ?? []) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* walk(root, `${directory}${entry.name}/`);
    else if (entry.isFile()) yield `${directory}${entry.name}`;
  }
}

/** What the disk does not do says nothing against the thread that asks for it. */
export function explain(what: string): (error: unknown) => never {
  return (cause) => {
    if (cause instanceof ConflictError) throw cause;
    throw new StoreError(`the folder's disk does not ${what}: ${codeOf(cause)}`, { cause });
  };
}

/** The file of a key. */
export function fileOf(root: string, key: string): string {
  return path.join(root, ...key.split('/'));
}

/** The etag of a content in a folder: its SHA-256. */
export function etagOf(body: Buffer): string {
  return sha256Hex(body);
}
