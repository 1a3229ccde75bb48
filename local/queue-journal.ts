import { randomUUID } from 'node:crypto';
import { closeSync, fdatasync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { QueueError } from '../functions/errors.ts';
import {
  codeOf,
  createSharedFlush,
  flushDirectory,
  ignoreMissing,
  ignoreNowhere,
  writeFlushed,
} from './durable-files.ts';
import { encodeEntries, type QueueEntry, type QueueMessage, replayEntries } from './queue-entries.ts';

/** The changes of a queue, in a file that only grows until it is written anew. */
export type QueueJournal = {
  /**
   * Adds entries. They outlive this process from here on, and a power cut once `flush` has resolved. Call it when the
   * change is made: a journal that could not be written is written anew from the queue's whole state.
   * @throws QueueError when the disk takes nothing
   */
  append: (entries: readonly QueueEntry[]) => void;
  /** @throws QueueError when the disk takes nothing */
  flush: () => Promise<void>;
  close: () => Promise<void>;
};

/** What to keep when the journal is written anew: all that the queue holds. */
type State = () => Iterable<QueueMessage>;

const JOURNAL = 'journal';
const DRAFT = 'journal.draft';
/** Where files go that cannot be read. */
export const SET_ASIDE = 'set-aside';
/** Where other processes leave requests; see redrive-requests.ts. */
export const REQUESTS = 'redrive';
// Written anew when it is this large and four times what it was after the last time, so the work is proportional to what
// is added, and the journal of a quiet queue stays small.
const SMALLEST_REWRITE_BYTES = 1_048_576;
const REWRITE_FACTOR = 4;

const flushFile = promisify(fdatasync);

/** Where an archive in a folder keeps its queue. */
export function queueFolderOf(archiveFolder: string): string {
  return path.join(archiveFolder, '.queue');
}

/**
 * The messages that a folder's journal holds. Files that are not the journal's, and a journal with lines that cannot be
 * read (the end of the last write of a killed process), are set aside in a folder of that name; the other lines count.
 * @param onNotice hears of each, in one line that names the file
 */
export async function readJournal(
  folder: string,
  onNotice: (notice: string) => void,
): Promise<Map<string, QueueMessage>> {
  await mkdir(path.join(folder, SET_ASIDE), { recursive: true });
  await flushDirectory(path.dirname(folder));
  await rm(path.join(folder, DRAFT), { force: true, recursive: true });
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.name === SET_ASIDE || entry.name === REQUESTS) continue;
    if (entry.name === JOURNAL && entry.isFile()) continue;
    const aside = path.join(SET_ASIDE, `${entry.name}-${randomUUID()}`);
    await rename(path.join(folder, entry.name), path.join(folder, aside));
    onNotice(`${path.join(folder, entry.name)} is not a file of the queue: set aside as ${aside}`);
  }
  const bytes = (await readFile(path.join(folder, JOURNAL)).catch(ignoreMissing)) ?? Buffer.alloc(0);
  const { messages, unreadable } = replayEntries(bytes);
  if (unreadable > 0) {
    const aside = path.join(SET_ASIDE, `${JOURNAL}-${randomUUID()}`);
    await writeFlushed(path.join(folder, aside), bytes);
    const lines = unreadable === 1 ? 'one line' : `${unreadable} lines`;
    onNotice(
      `${path.join(folder, JOURNAL)} has ${lines} that cannot be read: all others count, a copy is set aside as ${aside}`,
    );
  }
  return messages;
}

/**
 * The messages that a folder's journal holds at this moment, whoever has it: nothing is changed, and a line that is just
 * being written does not count yet. Undefined when there is no journal.
 */
export async function peekJournal(folder: string): Promise<Map<string, QueueMessage> | undefined> {
  const bytes = await readFile(path.join(folder, JOURNAL)).catch(ignoreNowhere);
  return bytes && replayEntries(bytes).messages;
}

/**
 * Begins the journal of a folder anew, with the queue's state, and keeps it.
 * @throws QueueError when the disk takes nothing
 */
export async function startJournal(folder: string, state: State): Promise<QueueJournal> {
  let written = writeAnew(folder, state);
  let bytes = written.bytes;
  // Whether the file may end in half a line, or in one that the disk has lost.
  let damaged = false;
  // Whether a power cut could still bring the file back that the present one replaced.
  let unsettled = true;
  let flushing: number | undefined;
  let closed = false;

  function append(entries: readonly QueueEntry[]): void {
    if (closed) throw new QueueError(`the queue in ${folder} is closed`);
    const isLarge = bytes > Math.max(SMALLEST_REWRITE_BYTES, REWRITE_FACTOR * written.bytes);
    if (damaged || isLarge) {
      rewrite();
      return;
    }
    const lines = encodeEntries(entries);
    damaged = true;
    try {
      writeAll(written.fd, lines);
    } catch (error) {
      throw new QueueError(`the queue in ${folder} cannot be written: ${codeOf(error)}`);
    }
    damaged = false;
    bytes += lines.length;
  }

  function rewrite(): void {
    const old = written.fd;
    written = writeAnew(folder, state);
    bytes = written.bytes;
    damaged = false;
    unsettled = true;
    if (flushing !== old) closeSync(old);
  }

  const flush = createSharedFlush(async () => {
    const { fd } = written;
    flushing = fd;
    try {
      await flushFile(fd);
      if (unsettled && fd === written.fd) {
        unsettled = false;
        await flushDirectory(folder);
      }
    } catch (error) {
      // What the kernel could not write it may have dropped, and the next flush would not say so.
      damaged = true;
      unsettled = true;
      throw new QueueError(`the queue in ${folder} cannot be flushed: ${codeOf(error)}`);
    } finally {
      flushing = undefined;
      if (fd !== written.fd) closeSync(fd);
    }
  });

  async function close(): Promise<void> {
    closed = true;
    await flush();
    closeSync(written.fd);
  }

  await flush();
  return { append, flush, close };
}

// Synchronous, so that no change comes between the state and the file that holds it. A thousand messages take some 5 ms.
function writeAnew(folder: string, state: State): { fd: number; bytes: number } {
  const entries = Array.from(state(), (message) => ({ op: 'put' as const, message }));
  const lines = encodeEntries(entries);
  const draft = path.join(folder, DRAFT);
  try {
    const fd = openSync(draft, 'w');
    try {
      writeAll(fd, lines);
      fsyncSync(fd);
      renameSync(draft, path.join(folder, JOURNAL));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return { fd, bytes: lines.length };
  } catch (error) {
    throw new QueueError(`the queue in ${folder} cannot be written: ${codeOf(error)}`);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += writeSync(fd, bytes, at));
}
