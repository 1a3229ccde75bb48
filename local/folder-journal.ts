import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { type ObjectStore } from '../functions/archive/store.ts';
import { type ChangeSource } from '../functions/digest/changes.ts';
import { type Change, CHANGES_PER_DIGEST } from '../functions/digest/digest.ts';
import { createSharedFlush, flushDirectory } from './durable-files.ts';
import { readSegment, segmentName, segmentsOf } from './journal-segments.ts';

/** A change that has been announced: `done` says that it has taken place. */
export type AnnouncedChange = { done: () => Promise<void>; withdraw: () => void };

/**
 * What was written to a folder, for its digests: a bucket's notifications in small. A change is announced before it takes
 * place, and confirmed afterwards; both are on the disk before the writer hears that it has written. So whatever a kill or a
 * power cut leaves behind can be told apart: what is in the folder and announced, and never confirmed, has taken place.
 */
export type FolderJournal = {
  /** Announces a change. The change may take place when this has resolved. */
  announce: (change: Change) => Promise<AnnouncedChange>;
  /** What is confirmed and not yet listed. */
  source: ChangeSource;
  close: () => Promise<void>;
};

/**
 * Opens the journal of an archive's folder, in `.journal`, and settles what was left open.
 * @param describe says of a key what its file is now
 */
export async function openFolderJournal(
  root: string,
  describe: ObjectStore['describe'],
): Promise<FolderJournal> {
  const folder = journalFolderOf(root);
  const opened = randomUUID();
  const underWay = new Map<string, Change>();
  // Segments up to this one are written no more.
  let ended = (await segmentsOf(folder)).at(-1) ?? 0;
  let current = ended;
  let handle: FileHandle | undefined;
  let lines: string[] = [];
  let confirmed = 0;
  let isFull = false;
  let announced = 0;

  const flush = createSharedFlush(async () => {
    if (isFull) await rotate();
    if (lines.length === 0) return;
    const text = lines.join('');
    lines = [];
    try {
      handle ??= await begin();
      await handle.appendFile(text);
      await handle.datasync();
    } catch (error) {
      // Part of it may be on the disk. The next attempt begins a segment, so that no line is glued to half of another.
      lines.unshift(text);
      isFull = true;
      throw error;
    }
  });

  async function begin(): Promise<FileHandle> {
    current++;
    await makeJournalFolder(root);
    const opening = await open(path.join(folder, segmentName(current)), 'ax');
    await flushDirectory(folder);
    return opening;
  }

  /** Ends the segment. What is still under way is announced once more in the next: the ended one may go. */
  async function rotate(): Promise<void> {
    isFull = false;
    confirmed = 0;
    const closing = handle;
    handle = undefined;
    ended = current;
    await closing?.close();
    lines = [...Array.from(underWay, ([id, change]) => lineOf({ announced: id, change })), ...lines];
  }

  async function announce(change: Change): Promise<AnnouncedChange> {
    const id = `${opened}-${announced++}`;
    underWay.set(id, change);
    lines.push(lineOf({ announced: id, change }));
    await flush().catch((error: unknown) => {
      underWay.delete(id);
      throw error;
    });
    return {
      done: () => {
        underWay.delete(id);
        // In the order in which changes take place: nothing is awaited between a rename and this.
        lines.push(lineOf({ confirmed: id, change }));
        if (++confirmed >= CHANGES_PER_DIGEST) isFull = true;
        return flush();
      },
      withdraw: () => void underWay.delete(id),
    };
  }

  async function take(limit: number) {
    isFull = handle !== undefined || lines.length > 0;
    await flush();
    const last = ended;
    const waiting = (await segmentsOf(folder)).filter((segment) => segment <= last);
    const changes: Change[] = [];
    const taken: number[] = [];
    for (const segment of waiting) {
      const found = (await readSegment(folder, segment)).flatMap((entry) =>
        entry.confirmed === undefined ? [] : [entry.change],
      );
      if (taken.length > 0 && changes.length + found.length > limit) break;
      changes.push(...found);
      taken.push(segment);
    }
    const acknowledge = async () => {
      for (const segment of taken) await rm(path.join(folder, segmentName(segment)), { force: true });
      if (taken.length > 0) await flushDirectory(folder);
    };
    return { changes, more: taken.length < waiting.length, acknowledge };
  }

  async function settle(): Promise<void> {
    const open = new Map<string, Change>();
    for (const segment of await segmentsOf(folder)) {
      for (const { announced: id, confirmed, change } of await readSegment(folder, segment)) {
        if (confirmed !== undefined) open.delete(confirmed);
        else if (id !== undefined) open.set(id, change);
      }
    }
    for (const [id, change] of open) {
      const found = await describe(change.key);
      const hasTakenPlace = change.event === 'erased' ? found === undefined : found?.sha256 === change.sha256;
      if (hasTakenPlace) lines.push(lineOf({ confirmed: id, change }));
    }
    await flush();
  }

  await settle();
  return {
    announce,
    source: { take },
    async close() {
      await flush();
      await handle?.close();
      handle = undefined;
    },
  };
}

/** Where a folder's journal is. */
export function journalFolderOf(root: string): string {
  return path.join(root, '.journal');
}

/** Makes a folder's journal, there for good when it resolves. Gives where it is. */
export async function makeJournalFolder(root: string): Promise<string> {
  const folder = journalFolderOf(root);
  await mkdir(folder, { recursive: true });
  await flushDirectory(root);
  return folder;
}

function lineOf(
  entry: { announced: string; change: Change } | { confirmed: string; change: Change },
): string {
  return `${JSON.stringify(entry)}\n`;
}
