import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { type ChainHead, createWriteDigests, type DigestRun } from '../functions/digest/write-digests.ts';
import { flushDirectory, ignoreMissing, writeFlushed } from './durable-files.ts';
import { journalFolderOf, makeJournalFolder } from './folder-journal.ts';
import { type FolderStore } from './folder-store.ts';
import { openDigestKey } from './digest-key.ts';

const HOUR_MS = 3_600_000;

/**
 * Writes digests of all that was written to a folder since the newest one, signed with the folder's own key, and notes the
 * newest one beside the journal, so that its loss would show.
 * @throws ConfigError when the folder's key cannot be used; what the store throws
 */
export async function writeFolderDigests(store: FolderStore): Promise<DigestRun> {
  const signer = await openDigestKey(store.folder);
  const writeDigests = createWriteDigests({ store, source: store.changes, signer, now: Date.now });
  const run = await writeDigests({ requestId: randomUUID(), hasTime: () => true });
  await writeNote(store.folder, run.head);
  return run;
}

/**
 * Writes digests at once, for what an earlier process has left, and then once an hour until it is stopped. One that fails is
 * told of, and made up for by the next.
 */
export function startFolderDigests(
  store: FolderStore,
  onFailure: (error: unknown) => void,
): { stop: () => Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const write = () => {
    running = running.then(() => writeFolderDigests(store)).catch(onFailure);
  };
  write();
  const timer = setInterval(write, HOUR_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

const noteSchema = z.object({ sequence: z.int(), sha256: z.string() });

/** The newest digest that a folder had when one was written last; undefined when none was. */
export async function readNote(folder: string): Promise<ChainHead | undefined> {
  const text = await readFile(noteOf(folder), 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Notes which digest is the newest, in the place of the one noted before. */
export async function writeNote(folder: string, { sequence, sha256 }: ChainHead): Promise<void> {
  const file = noteOf(folder);
  const draft = `${file}.tmp`;
  await makeJournalFolder(folder);
  await rm(draft, { force: true });
  await writeFlushed(draft, Buffer.from(`${JSON.stringify({ sequence, sha256 })}\n`));
  await rename(draft, file);
  await flushDirectory(path.dirname(file));
}

function noteOf(folder: string): string {
  return path.join(journalFolderOf(folder), 'newest-digest.json');
}
