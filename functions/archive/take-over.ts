import { readId, readObjects } from './fields.ts';
import { type PartRow } from './part.ts';
import { type MessageRow } from './row.ts';

/**
 * A fetched row with what was once fetched for the row that it replaces, as far as it is still about the same: the original
 * while the text is as it was, and the files that are still attached. So neither is ever fetched again.
 */
export function takeOver(fetched: MessageRow, archived: PartRow): MessageRow {
  const original = isSameText(fetched, archived) ? originalOf(archived) : {};
  const stored = new Map(
    readObjects(archived, 'attachments')
      .filter((each) => readId(each, 'archive_key') !== null)
      .map((each) => [readId(each, 'file_id'), each]),
  );
  if (stored.size === 0) return { ...fetched, ...original };
  const attachments = fetched.attachments.map((each) => {
    const { archive_key, sha256, bytes } = stored.get(each.file_id) ?? each;
    return {
      ...each,
      archive_key: textOrNull(archive_key),
      sha256: textOrNull(sha256),
      bytes: numberOrNull(bytes),
    };
  });
  return { ...fetched, ...original, attachments };
}

const TEXT_COLUMNS = ['text', 'rich_text', 'truncation_status'] as const;

function isSameText(fetched: MessageRow, archived: PartRow): boolean {
  return TEXT_COLUMNS.every((column) => fetched[column] === archived[column]);
}

function originalOf(archived: PartRow): Pick<MessageRow, 'original_text' | 'original_rich_text'> {
  const { original_text, original_rich_text } = archived;
  return { original_text: textOrNull(original_text), original_rich_text: textOrNull(original_rich_text) };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
