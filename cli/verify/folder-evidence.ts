import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { journalFolderOf } from '../../local/folder-journal.ts';
import { readNote } from '../../local/folder-digests.ts';
import { codeOf, ignoreMissing } from '../../local/durable-files.ts';
import { fileOf, openFolderReader } from '../../local/folder-reader.ts';
import { pendingChanges } from '../../local/journal-segments.ts';
import { type Content, type Evidence } from './evidence.ts';

const CHUNK = 1_048_576;
// How much is read before others get a turn: signals, progress.
const BYTES_PER_TURN = 16 * CHUNK;
const FILES_PER_TURN = 50;

/**
 * An archive in a folder, read byte for byte; also while another process writes it.
 * @throws ConfigError when there is no such folder
 */
export async function openFolderEvidence(folder: string): Promise<Evidence> {
  const root = path.resolve(folder);
  const reader = await openFolderReader(root);
  // Most objects are small and come from the page cache: read at once, without a thread for each.
  const chunk = Buffer.allocUnsafe(CHUNK);
  let files = 0;

  async function contentOf({ key }: { key: string }): Promise<Content | undefined> {
    if (++files % FILES_PER_TURN === 0) await setImmediate();
    const descriptor = openIfThere(fileOf(root, key));
    if (descriptor === undefined) return undefined;
    try {
      if (!fstatSync(descriptor).isFile()) return undefined;
      const hash = createHash('sha256');
      let bytes = 0;
      for (;;) {
        const read = readSync(descriptor, chunk);
        if (read === 0) break;
        hash.update(chunk.subarray(0, read));
        bytes += read;
        if (bytes % BYTES_PER_TURN === 0) await setImmediate();
      }
      return { sha256: hash.digest('hex'), bytes };
    } finally {
      closeSync(descriptor);
    }
  }

  return {
    async *listVersions(prefix) {
      for await (const key of reader.list(prefix))
        yield { key, versionId: null, modifiedAt: null, isDeleteMarker: false };
    },
    contentOf,
    concurrency: 1,
    read: (key) => readFile(fileOf(root, key)).catch(ignoreMissing),
    pending: () => pendingChanges(journalFolderOf(root)),
    newestNoted: () => readNote(root),
    // The journal knows.
    mayWait: () => false,
  };
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
