import { type Columns } from './column.ts';

const PART = {
  dt: 'string',
  key: 'string',
  messages: 'bigint',
  sha256: 'string',
  bytes: 'bigint',
  version_id: 'string',
} as const;

const GAP = {
  dt: 'string',
  message_id: 'string',
  file_id: 'string',
  kind: 'string',
  reason: 'string',
  noted_at: 'timestamp',
} as const;

/** Columns of a thread record: HubSpot's thread, then the ledger of what is archived of it. */
export const THREAD_COLUMNS = {
  thread_id: { type: 'string', comment: 'Thread id' },
  status: { type: 'string', comment: 'OPEN or CLOSED' },
  archived: { type: 'boolean', comment: 'Whether it is in the trash, where it is purged after 30 days' },
  spam: { type: 'boolean', comment: 'Whether HubSpot holds it for spam' },
  created_at: { type: 'timestamp', comment: 'When the thread was created' },
  closed_at: { type: 'timestamp', comment: 'When it was last closed' },
  inbox_id: { type: 'string', comment: 'Inbox it is in' },
  original_channel_id: { type: 'string', comment: 'Channel it began on' },
  original_channel_account_id: { type: 'string', comment: 'Account within that channel' },
  associated_contact_id: { type: 'string', comment: 'Contact, or visitor id while there is no contact yet' },
  associated_ticket_id: { type: 'string', comment: 'Ticket it belongs to' },
  assigned_to: { type: 'string', comment: 'Actor id of the assignee' },
  latest_message_timestamp: { type: 'timestamp', comment: 'Newest message, by HubSpot' },
  latest_message_sent_timestamp: { type: 'timestamp', comment: 'Newest outgoing message, by HubSpot' },
  latest_message_received_timestamp: { type: 'timestamp', comment: 'Newest incoming message, by HubSpot' },
  raw: { type: 'string', comment: 'The thread exactly as HubSpot sent it, JSON' },
  fetch_started_at: {
    type: 'timestamp',
    comment: 'Start of the newest fetch; complete says whether all of it is merged',
  },
  complete: {
    type: 'boolean',
    comment: 'False while that fetch is under way or cut off: messages of it may be missing',
  },
  checkpoint: {
    type: 'string',
    comment: 'JSON or null: how an unfinished fetch goes on, and the days it may have begun',
  },
  fetched_by: { type: 'string', comment: 'Request id of that fetch' },
  api_version: { type: 'string', comment: 'API version it called' },
  pages: { type: 'bigint', comment: 'Pages of messages it read' },
  message_count: { type: 'bigint', comment: 'Messages archived, removed ones included' },
  first_message_at: { type: 'timestamp', comment: 'Oldest message archived' },
  last_message_at: { type: 'timestamp', comment: 'Newest message archived' },
  parts: { arrayOf: PART, comment: 'The objects that hold the messages, one a UTC day' },
  unseen_message_ids: { arrayOf: 'string', comment: 'Announced by a webhook, not shown by HubSpot so far' },
  gaps: { arrayOf: GAP, comment: 'Originals and files that the archive lacks, and why' },
  deleted_at: { type: 'timestamp', comment: 'Start of the fetch that found the thread in the trash or gone' },
  erased_at: {
    type: 'timestamp',
    comment: 'When its content was erased: from then on nothing of it is archived',
  },
  erasure_event: { type: 'string', comment: 'What asked for the erasure' },
  erasure_requested_at: { type: 'timestamp', comment: 'When it was asked for' },
  erasure_outcome: {
    type: 'string',
    comment: 'erasing, erased, locked (some versions still are) or held (nothing erased)',
  },
  schema_version: { type: 'bigint', comment: 'Version of this layout' },
} as const satisfies Columns;
