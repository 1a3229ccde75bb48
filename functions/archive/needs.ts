import { readId, readObjects, readText } from './fields.ts';
import { type PartRow } from './part.ts';

/** Something that a listing leaves out of a message: the original of a text that is cut, or the bytes of a file. */
export type Need = { messageId: string } & (
  | {
      kind: 'original';
      fileId: null;
      /** The text that the original is of. */
      of: string;
    }
  | { kind: 'attachment'; fileId: string; name: string | null }
);

/** An original; both are null when it is not known. */
export type Original = { original_text: string | null; original_rich_text: string | null };
/** Where the bytes of a file are, and what they are. */
export type StoredFile = { archive_key: string; sha256: string | null; bytes: number };
/** What was found for a message: files by their ids. */
export type FindsOfMessage = { original?: Original; files: Map<string, StoredFile> };
/** What was found, by the ids of messages. */
export type Finds = Map<string, FindsOfMessage>;

/** What rows lack. Usually nothing, and finding that out is all it costs. */
export function needsOf(rows: readonly PartRow[], { withFiles }: { withFiles: boolean }): Need[] {
  const needs: Need[] = [];
  for (const row of rows) {
    if (lacksOriginal(row)) needs.push(originalOf(row));
    if (withFiles) addFiles(needs, row);
  }
  return needs;
}

/** The rows with what was found for them. */
export function fillIn(rows: readonly PartRow[], finds: Finds): PartRow[] {
  return rows.map((row) => {
    const found = finds.get(row.message_id);
    if (found === undefined) return row;
    const { original, files } = found;
    const attachments = readObjects(row, 'attachments').map((each) => ({
      ...each,
      ...files.get(readId(each, 'file_id') ?? ''),
    }));
    return { ...row, ...original, attachments };
  });
}

function lacksOriginal(row: PartRow): boolean {
  const status = row['truncation_status'];
  if (status == null || status === 'NOT_TRUNCATED') return false;
  return row['original_text'] == null && row['original_rich_text'] == null;
}

function originalOf(row: PartRow): Need {
  const of = JSON.stringify([readText(row, 'text'), readText(row, 'rich_text')]);
  return { kind: 'original', messageId: row.message_id, fileId: null, of };
}

// Whatever the type of an attachment: with the id of a file, it has one.
function addFiles(needs: Need[], row: PartRow): void {
  const { attachments } = row;
  if (!Array.isArray(attachments) || attachments.length === 0) return;
  const seen = new Set<string>();
  for (const each of readObjects(row, 'attachments')) {
    const fileId = readId(each, 'file_id');
    if (fileId === null || each['archive_key'] != null || seen.has(fileId)) continue;
    seen.add(fileId);
    needs.push({ kind: 'attachment', messageId: row.message_id, fileId, name: readText(each, 'name') });
  }
}
