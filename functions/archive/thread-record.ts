import * as z from 'zod/mini';
import { CorruptArchiveError } from '../errors.ts';
import { type ThreadId } from '../thread-id.ts';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.ts';
import { type RowOf } from './columns/column.ts';
import { type THREAD_COLUMNS } from './columns/threads.ts';
import { type Fields, readFlag, readId, readObject, readText, readTimestamp } from './fields.ts';
import { gapSchema } from './gaps.ts';
import { threadRecordKey } from './layout.ts';
import { type ObjectStore } from './store.ts';

/** The record of a thread as it is written: HubSpot's thread, and the ledger of what is archived of it. */
export type ThreadRecord = RowOf<typeof THREAD_COLUMNS>;
/** The part of the record that is HubSpot's. */
export type ThreadFields = Omit<ThreadRecord, LedgerField>;
type LedgerField =
  | 'fetch_started_at'
  | 'fetched_by'
  | 'complete'
  | 'checkpoint'
  | 'api_version'
  | 'pages'
  | 'message_count'
  | 'first_message_at'
  | 'last_message_at'
  | 'parts'
  | 'unseen_message_ids'
  | 'gaps'
  | 'deleted_at'
  | 'erased_at'
  | 'erasure_event'
  | 'erasure_requested_at'
  | 'erasure_outcome'
  | 'schema_version';

/** Version of the record's layout that this code writes. */
export const SCHEMA_VERSION = 1;

const partEntrySchema = z.looseObject({
  dt: z.string(),
  key: z.string(),
  messages: z.int(),
  sha256: z.string(),
  bytes: z.int(),
  version_id: z.nullable(z.string()),
});
/** What the record says of one part. */
export type PartEntry = z.infer<typeof partEntrySchema>;

// What the next capture decides by. Everything else passes through unread.
const storedRecordSchema = z.looseObject({
  thread_id: z.string(),
  fetch_started_at: z.string(),
  fetched_by: z.string(),
  first_message_at: z.optional(z.nullable(z.string())),
  last_message_at: z.optional(z.nullable(z.string())),
  complete: z.optional(z.nullable(z.boolean())),
  checkpoint: z.optional(z.nullable(z.string())),
  parts: z.array(partEntrySchema),
  unseen_message_ids: z.array(z.string()),
  gaps: z.optional(z.array(gapSchema)),
  deleted_at: z.nullable(z.string()),
  erased_at: z.nullable(z.string()),
  erasure_event: z.optional(z.nullable(z.string())),
  erasure_requested_at: z.optional(z.nullable(z.string())),
  erasure_outcome: z.optional(z.nullable(z.string())),
});

/** A record read back, for the fields that are decided by; the others are kept as they were. */
export type StoredThreadRecord = z.infer<typeof storedRecordSchema>;

/** A record as it was read: what it says, and the etag to replace it under. */
export type KnownThread = { record: StoredThreadRecord; checkpoint: Checkpoint | undefined; etag: string };

/**
 * The record of a thread; undefined for a thread never archived.
 * @throws CorruptArchiveError naming the key, when it is not a thread record
 */
export async function readThreadRecord(
  store: Pick<ObjectStore, 'get'>,
  id: ThreadId,
): Promise<KnownThread | undefined> {
  const key = threadRecordKey(id);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  try {
    const record = z.parse(storedRecordSchema, JSON.parse(object.body.toString('utf8')));
    const checkpoint = record.checkpoint == null ? undefined : decodeCheckpoint(record.checkpoint);
    return { record, checkpoint, etag: object.etag };
  } catch {
    // No cause: V8 quotes the text in its message.
    throw new CorruptArchiveError(`${key} is not a thread record`);
  }
}

/** HubSpot's fields of a thread, as the record has them. `raw` is null for a thread HubSpot never showed. */
export function threadFields(thread: Fields & { id: string }, raw: string | null): ThreadFields {
  return {
    thread_id: thread.id,
    status: readText(thread, 'status'),
    archived: readFlag(thread, 'archived'),
    spam: readFlag(thread, 'spam'),
    created_at: readTimestamp(thread, 'createdAt'),
    closed_at: readTimestamp(thread, 'closedAt'),
    inbox_id: readId(thread, 'inboxId'),
    original_channel_id: readId(thread, 'originalChannelId'),
    original_channel_account_id: readId(thread, 'originalChannelAccountId'),
    associated_contact_id: readId(thread, 'associatedContactId'),
    associated_ticket_id: readId(readObject(thread, 'threadAssociations'), 'associatedTicketId'),
    assigned_to: readId(thread, 'assignedTo'),
    latest_message_timestamp: readTimestamp(thread, 'latestMessageTimestamp'),
    latest_message_sent_timestamp: readTimestamp(thread, 'latestMessageSentTimestamp'),
    latest_message_received_timestamp: readTimestamp(thread, 'latestMessageReceivedTimestamp'),
    raw,
  };
}

/** The bytes of a record: one JSON document on one line, so that the folder of records is a table too. */
export function encodeThreadRecord(record: ThreadRecord | StoredThreadRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}
