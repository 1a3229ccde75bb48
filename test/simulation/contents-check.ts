import { type MessageRow } from '../../functions/archive/row.ts';
import { type ThreadRecord } from '../../functions/archive/thread-record.ts';
import { type Bucket } from './bucket.ts';
import { type HubSpot } from './hubspot.ts';
import { contentOf } from './planted-file.ts';
import { short } from './queue.ts';
import { type Stage } from './stage.ts';

/** Whether every message has its original and its files, and the record lists what is lacking and nothing else. */
export function checkContents(
  { stage, hubspot, bucket }: { stage: Stage; hubspot: HubSpot; bucket: Bucket },
  threadId: string,
  { record, rows }: { record: ThreadRecord; rows: readonly MessageRow[] },
): void {
  const lacking: string[] = [];
  const path = `/conversations/v3/conversations/threads/${threadId}/messages`;
  for (const row of rows) {
    const { message_id: id, attachments, original_text, original_rich_text, truncation_status } = row;
    if (truncation_status !== null && truncation_status !== 'NOT_TRUNCATED') {
      const has = JSON.stringify([original_text, original_rich_text]);
      if (has === '[null,null]') lacking.push(`original ${id}`);
      else if (row.removed_at === null) {
        const { body } = hubspot.ask(`${path}/${id}/original-content`);
        const { text = null, richText = null } = JSON.parse(String(body)) as Record<string, string>;
        if (has !== JSON.stringify([text, richText])) stage.violate(3, `${short(id)} has another original`);
      }
    }
    for (const { file_id, archive_key, sha256, bytes } of attachments) {
      const content = contentOf(file_id ?? '');
      const object = bucket.objects.get(archive_key ?? '');
      if (archive_key === null) lacking.push(`attachment ${id} ${file_id ?? ''}`);
      else if (object?.body.equals(content.body) !== true)
        stage.violate(1, `${short(id)} has a file that is not there`);
      else if (sha256 !== content.sha256 || bytes !== content.body.length) {
        stage.violate(3, `${short(id)} is wrong about its file`);
      }
    }
  }
  const listed = record.gaps.map(
    ({ kind, message_id, file_id }) => `${kind} ${message_id}${file_id === null ? '' : ` ${file_id}`}`,
  );
  if (JSON.stringify(listed.toSorted()) !== JSON.stringify(lacking.toSorted())) {
    stage.violate(
      1,
      `the record of thread ${threadId} lists ${listed.length} gaps, and there are ${lacking.length}`,
    );
  }
  for (const { message_id, reason } of record.gaps) {
    const isRemoved = rows.some((row) => row.message_id === message_id && row.removed_at !== null);
    // Of a message that is gone, HubSpot has no original.
    if (reason === 'not found' && isRemoved) stage.count('gap of a removed message');
    else stage.violate(1, `a gap of thread ${threadId} stays: ${reason}`);
  }
}
