import * as z from 'zod';
import { threadRecordKey } from '../../functions/archive/layout.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { type ExportSource, readWhole, type SourceObject } from './source.ts';

const text = z.string().nullish().catch(null);
const gap = z.looseObject({ message_id: text, file_id: text, kind: text, reason: text, noted_at: text });

const threadSchema = z.looseObject({
  thread_id: z.string(),
  parts: z.array(
    z.looseObject({ dt: z.string(), key: z.string(), sha256: z.string(), messages: z.number() }),
  ),
  message_count: z.number().nullish().catch(null),
  status: text,
  created_at: text,
  closed_at: text,
  inbox_id: text,
  original_channel_id: text,
  associated_contact_id: text,
  associated_ticket_id: text,
  assigned_to: text,
  fetch_started_at: text,
  complete: z.boolean().nullish().catch(null),
  unseen_message_ids: z.array(z.string()).nullish().catch(null),
  gaps: z.array(gap).nullish().catch(null),
  deleted_at: text,
  erased_at: text,
  erasure_event: text,
  erasure_requested_at: text,
  erasure_outcome: text,
});

/** What the archive says of a thread, for what an export says of it. */
export type ThreadView = z.infer<typeof threadSchema>;

/** A thread's record as it is archived, byte for byte, and read. */
export type ArchivedThread = { view: ThreadView; body: Buffer; object: SourceObject };

/**
 * The record of a thread; undefined when there is none, and `unreadable` when it is no thread record.
 * @throws StoreError when the archive does not give it
 */
export async function readThread(
  source: ExportSource,
  id: ThreadId,
): Promise<ArchivedThread | 'unreadable' | undefined> {
  const found = await readWhole(source, threadRecordKey(id));
  if (found === undefined) return undefined;
  try {
    return { ...found, view: threadSchema.parse(JSON.parse(found.body.toString('utf8'))) };
  } catch {
    return 'unreadable';
  }
}
