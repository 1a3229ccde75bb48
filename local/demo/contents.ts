import { readId, readObjects } from '../../functions/archive/fields.ts';
import { type PartRow } from '../../functions/archive/part.ts';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { sha256Hex } from '../../functions/sha256.ts';
import { bytesOf } from '../simulated-hubspot/files-api.ts';
import { type Entry, type World } from '../simulated-hubspot/world.ts';

/** Whether HubSpot lists the message cut. */
export function isCut(row: PartRow): boolean {
  const status = row['truncation_status'];
  return typeof status === 'string' && status !== 'NOT_TRUNCATED';
}

/** Whether the row has the whole text of a message that is listed cut. */
export function hasOriginal(row: PartRow, entry: Entry): boolean {
  const { fields, original } = entry.compose();
  const { text, richText = null } = original ?? { text: fields['text'], richText: fields['richText'] };
  const expected = [text ?? (richText === null ? '' : null), richText];
  return JSON.stringify([row['original_text'], row['original_rich_text']]) === JSON.stringify(expected);
}

/** How many files are attached. */
export function countFiles(row: PartRow): number {
  return fileIds(row).length;
}

/** Whether the archive has the bytes of every attached file, where the row says they are. */
export async function hasFiles(store: ObjectStore, row: PartRow, world: World): Promise<boolean> {
  const attachments = readObjects(row, 'attachments');
  for (const fileId of fileIds(row)) {
    const attachment = attachments.find((each) => readId(each, 'file_id') === fileId) ?? {};
    const file = world.files.get(fileId);
    const object = await store.get(readId(attachment, 'archive_key') ?? 'attachments/none');
    if (file === undefined || object?.body.equals(bytesOf(file)) !== true) return false;
    const sha256 = sha256Hex(object.body);
    if (attachment['sha256'] !== sha256 || attachment['bytes'] !== object.body.length) return false;
  }
  return true;
}

function fileIds(row: PartRow): string[] {
  return readObjects(row, 'attachments').flatMap((each) => readId(each, 'file_id') ?? []);
}
