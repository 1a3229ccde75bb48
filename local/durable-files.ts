import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

/**
 * What it takes for a file to be there after a power cut. Two things must reach the disk: the file's content, and the
 * entry in its directory. A rename changes directories alone, and POSIX lets it reach the disk whenever it likes: without
 * a flush of the directory, an object that was reported as written can be gone, or old again, after the power is back.
 * (A killed process loses nothing that the kernel has taken, flushed or not.)
 */

/** Creates a file with that content, on the disk when it resolves. Its directory is the caller's to flush. */
export async function writeFlushed(file: string, body: Buffer, mode = 0o666): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(body);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Flushes a file that somebody else has written: its content is on the disk when it resolves. */
export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

// Windows opens no directory, and some network file systems flush none: they have nothing of the kind to offer.
const CANNOT_FLUSH: readonly string[] = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'];

/** Flushes a directory: what was created, renamed or removed in it stays so. */
export async function flushDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!CANNOT_FLUSH.includes(codeOf(error))) throw error;
  }
}

/** Makes a directory and those it is in, where they are missing: there for good when it resolves. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  for (let at = directory; first !== undefined && at.length >= first.length; at = path.dirname(at)) {
    await flushDirectory(path.dirname(at));
  }
}

/**
 * A flush that callers share: one runs at a time, and whoever calls while it runs gets the next one, because the one
 * under way may have begun before what they want flushed.
 */
export function createSharedFlush(flush: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    running = flush().finally(() => {
      running = undefined;
    });
    return running;
  }

  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}

/** For `catch`: undefined when there is no such file or directory; any other error is thrown again. */
export function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

/**
 * The same for a path that a person has typed: also when a file stands where a folder of it would be. Within an archive that is
 * trouble, and nothing is taken for absent because of it.
 */
export function ignoreNowhere(error: unknown): undefined {
  if (codeOf(error) !== 'ENOTDIR') ignoreMissing(error);
  return undefined;
}

/** The system's code of an error, e.g. `ENOSPC`. Unlike its message, it never quotes anything. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
