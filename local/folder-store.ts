import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type ObjectStore, type PutRequest, type StoredObject } from '../functions/archive/store.ts';
import { ConfigError, ConflictError } from '../functions/errors.ts';

/** A folder that is an archive, held by this process until it is closed. */
export type FolderStore = ObjectStore & {
  /** Lets another process have the folder. */
  close: () => Promise<void>;
};

/**
 * The archive in a folder: the same keys as files, the same compare-and-swap. A write is whole or absent: it goes to a
 * file of its own, is flushed to the disk, and takes the key's place by a rename. Metadata and versions are the
 * bucket's; a folder keeps the content alone, and the thread record says who wrote it.
 *
 * One process at a time: compare-and-swap is atomic because nothing else runs between the comparison and the rename.
 * @throws ConfigError when the folder cannot be written, or another process has it
 */
export async function openFolderStore(folder: string): Promise<FolderStore> {
  const root = path.resolve(folder);
  const lock = await takeLock(root);

  async function get(key: string): Promise<StoredObject | undefined> {
    const body = await readFile(fileOf(root, key)).catch(ignoreMissing);
    return body && { body, etag: etagOf(body), versionId: null };
  }

  async function put({ key, body, condition }: PutRequest) {
    const file = fileOf(root, key);
    await mkdir(path.dirname(file), { recursive: true });
    const draft = path.join(path.dirname(file), `.${randomUUID()}.tmp`);
    await writeFlushed(draft, body);
    // From here to the rename nothing may be awaited.
    const current = existsSync(file) ? etagOf(readFileSync(file)) : undefined;
    if (current !== ('absent' in condition ? undefined : condition.etag)) {
      rmSync(draft);
      throw new ConflictError(`${key} is not as it was read`);
    }
    renameSync(draft, file);
    return { etag: etagOf(body), versionId: null };
  }

  async function* list(prefix: string): AsyncGenerator<string> {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const key = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
      if (entry.isFile() && !entry.name.startsWith('.') && key.startsWith(prefix)) yield key;
    }
  }

  return { get, put, list, close: () => rm(lock, { force: true }) };
}

function fileOf(root: string, key: string): string {
  return path.join(root, ...key.split('/'));
}

function etagOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

async function writeFlushed(file: string, body: Buffer): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(body);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Writes our process id into the folder; a lock left by a process that no longer runs is taken over. */
async function takeLock(root: string): Promise<string> {
  const lock = path.join(root, '.lock');
  try {
    await mkdir(root, { recursive: true });
    const holder = Number(await readFile(lock, 'utf8').catch(ignoreMissing));
    if (holder > 0 && holder !== process.pid && isRunning(holder)) {
      throw new ConfigError(`the folder ${root} is in use by process ${holder}; stop it, or remove ${lock}`);
    }
    await rm(lock, { force: true });
    await writeFlushed(lock, Buffer.from(String(process.pid)));
    return lock;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`the folder ${root} cannot be written (${codeOf(error)}); choose one that can`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
