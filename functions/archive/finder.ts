import { ConflictError } from '../errors.ts';
import { type Sources } from '../hubspot/sources.ts';
import { type ThreadId } from '../thread-id.ts';
import { attachmentKey, attachmentPrefix, type AttachmentId } from './attachment-key.ts';
import { type Need, type Original, type StoredFile } from './needs.ts';
import { type Provenance } from './parts.ts';
import { type ObjectStore } from './store.ts';

/** What was found for a need. `isNew`: it was fetched, and not found in the archive. */
export type Found = { need: Need; isNew: boolean } & ({ original: Original } | { file: StoredFile });

/**
 * Fetches what is needed; a file into the archive.
 * @param limitMs asked when a file's turn has come: how long its download may take, or undefined not to begin it
 * @returns undefined for a file that was not begun
 * @throws what getOriginal, the files and the store throw
 */
export type Find = (need: Need, limitMs: () => number | undefined) => Promise<Found | undefined>;

/** A way to find what messages of a thread need. */
export function createFind(
  { store, sources: { getOriginal, files } }: { store: ObjectStore; sources: Sources },
  { portalId, threadId, requestId, fetchStartedAt }: ThreadId & Provenance,
): Find {
  const thread = { portalId, threadId };

  async function findOriginal(need: Need): Promise<Found> {
    const { text, richText } = await getOriginal(thread, need.messageId);
    // With neither there is nothing more to be had: the empty text says that it was asked for.
    const original_text = richText === null ? (text ?? '') : text;
    return { need, isNew: true, original: { original_text, original_rich_text: richText } };
  }

  async function findFile(need: Need & { kind: 'attachment' }, limitMs: Parameters<Find>[1]) {
    const id = { ...thread, messageId: need.messageId, fileId: need.fileId };
    const stored = await findStored(store, id);
    if (stored !== undefined) return { need, isNew: false, file: stored };
    return files?.withFile(id, limitMs, async ({ path, bytes, sha256, contentType, name, extension }) => {
      const key = attachmentKey(id, { onMessage: need.name, inFiles: name, extension });
      const metadata = { 'request-id': requestId, 'fetch-started-at': fetchStartedAt, sha256 };
      try {
        await store.putFile({ key, path, bytes, sha256, contentType, metadata });
        return { need, isNew: true, file: { archive_key: key, sha256, bytes } };
      } catch (error) {
        // Another worker was faster, or the SDK repeated a write whose answer was lost. Either is a whole file.
        const there = error instanceof ConflictError ? await store.describe(key) : undefined;
        if (there === undefined) throw error;
        return { need, isNew: false, file: { archive_key: key, ...there } };
      }
    });
  }

  return (need, limitMs) => (need.kind === 'original' ? findOriginal(need) : findFile(need, limitMs));
}

/** The file as it is in the archive: a capture that died may have got that far. */
async function findStored(store: ObjectStore, id: AttachmentId): Promise<StoredFile | undefined> {
  for await (const key of store.list(attachmentPrefix(id))) {
    const there = await store.describe(key);
    if (there !== undefined) return { archive_key: key, ...there };
  }
  return undefined;
}
