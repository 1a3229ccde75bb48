import { attachmentsPrefix } from '../../functions/archive/layout.ts';
import { safeFileName } from '../../functions/archive/safe-file-name.ts';
import { type ThreadId, threadIdText } from '../../functions/thread-id.ts';
import { type ArchivedRow, type Attachment } from './archived-row.ts';
import { type Output, type Problem } from './output.ts';
import { type ExportSource, type SourceObject } from './source.ts';

/** What became of an attached file: where it is below the thread's folder, or why it is not there. */
export type AttachedFile =
  { segments: string[]; file: string; sha256: string; bytes: number } | { segments: null; why: string };

/** One string for each attached file of a thread. */
export function attachedFileKey({ message_id }: ArchivedRow, index: number): string {
  return `${message_id} ${index}`;
}

/** Where the files of a thread go. `keep: false`: they are only needed meanwhile. */
export type FileTarget = { id: ThreadId; folder: readonly string[]; keep: boolean };

/**
 * Exports the files that are attached to a message, as streams, each checked by its length and SHA-256. What is damaged is
 * not handed over. Files that the archive never had are no problem of the export.
 */
export async function exportAttachedFiles(
  deps: { source: ExportSource; output: Output },
  target: FileTarget,
  row: ArchivedRow,
  into: { files: Map<string, AttachedFile>; problems: Problem[] },
): Promise<void> {
  for (const [index, attachment] of (row.attachments ?? []).entries()) {
    const key = attachment.archive_key;
    if (key == null) continue;
    const result = await exportFile(deps, target, attachment, key);
    into.files.set(attachedFileKey(row, index), result);
    if (result.segments !== null) continue;
    into.problems.push({
      thread: threadIdText(target.id),
      message_id: row.message_id,
      key,
      problem: `an attached file ${result.why}`,
    });
  }
}

async function exportFile(
  { source, output }: { source: ExportSource; output: Output },
  { id, folder, keep }: FileTarget,
  { sha256, bytes }: Attachment,
  key: string,
): Promise<AttachedFile> {
  const refuse = (why: string): AttachedFile => ({ segments: null, why });
  const prefix = attachmentsPrefix(id);
  const names = key.startsWith(prefix) ? key.slice(prefix.length).split('/') : [];
  if (names.length !== 3 || names.some((name) => safeFileName(name) !== name))
    return refuse('has a key that is none of its thread');
  const found = await source.open(key);
  if (found === undefined) return refuse('is missing in the archive');
  const segments = ['attachments', ...names];
  const where = [...folder, ...segments];
  const sources: SourceObject[] = [];
  const written = await (keep
    ? output.write(where, found.stream, sources)
    : output.writeScratch(where, found.stream));
  sources.push({
    key,
    version_id: found.versionId,
    sha256: written.sha256,
    bytes: written.bytes,
    archive_sha256: sha256 ?? null,
  });
  if (written.sha256 === sha256 && (bytes == null || written.bytes === bytes))
    return { segments, ...written };
  await output.discard(where);
  return refuse('is not what its row says');
}
