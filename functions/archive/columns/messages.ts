import { type Columns } from './column.ts';

const PARTICIPANT = {
  actor_id: 'string',
  name: 'string',
  field: 'string',
  delivery_type: 'string',
  delivery_value: 'string',
} as const;

const ATTACHMENT = {
  type: 'string',
  file_id: 'string',
  name: 'string',
  url: 'string',
  usage: 'string',
  archive_key: 'string',
  sha256: 'string',
  bytes: 'bigint',
} as const;

/** Columns of a part, in the order they are written. */
export const MESSAGE_COLUMNS = {
  thread_id: { type: 'string', comment: 'Thread the message belongs to' },
  message_id: { type: 'string', comment: 'Message id, unique within the account' },
  type: { type: 'string', comment: 'MESSAGE, COMMENT, WELCOME_MESSAGE, ASSIGNMENT, THREAD_STATUS_CHANGE, …' },
  created_at: { type: 'timestamp', comment: 'When HubSpot created it; its UTC day is the partition dt' },
  updated_at: { type: 'timestamp', comment: 'When HubSpot last changed it' },
  created_by: { type: 'string', comment: 'Actor id of the author' },
  direction: { type: 'string', comment: 'INCOMING or OUTGOING' },
  channel_id: { type: 'string', comment: 'Channel, e.g. 1000 live chat, 1002 e-mail' },
  channel_account_id: { type: 'string', comment: 'Account within the channel, e.g. one mailbox' },
  subject: { type: 'string', comment: 'Subject of an e-mail' },
  text: { type: 'string', comment: 'Plain text as listed; may be cut, see truncation_status' },
  rich_text: { type: 'string', comment: 'HTML as listed; may be cut, see truncation_status' },
  truncation_status: {
    type: 'string',
    comment: 'NOT_TRUNCATED, TRUNCATED_TO_MOST_RECENT_REPLY or TRUNCATED',
  },
  original_text: { type: 'string', comment: 'Full plain text of a message that is listed cut' },
  original_rich_text: { type: 'string', comment: 'Full HTML of a message that is listed cut' },
  status_type: { type: 'string', comment: 'Delivery: SENT, FAILED, RECEIVED or READ' },
  status_error: { type: 'string', comment: 'Why delivery failed' },
  in_reply_to_id: { type: 'string', comment: 'Message this one answers' },
  client_type: { type: 'string', comment: 'HUBSPOT, INTEGRATION, SYSTEM or UNKNOWN' },
  integration_app_id: { type: 'string', comment: 'App that sent it through the API' },
  archived: { type: 'boolean', comment: 'Whether HubSpot says it is archived (in its trash)' },
  assigned_to: { type: 'string', comment: 'ASSIGNMENT: actor the thread went to' },
  assigned_from: { type: 'string', comment: 'ASSIGNMENT: actor the thread came from' },
  new_status: { type: 'string', comment: 'THREAD_STATUS_CHANGE: OPEN or CLOSED' },
  from_inbox_id: { type: 'string', comment: 'THREAD_INBOX_CHANGE: inbox the thread left' },
  to_inbox_id: { type: 'string', comment: 'THREAD_INBOX_CHANGE: inbox the thread entered' },
  senders: {
    arrayOf: PARTICIPANT,
    comment: 'Who sent it; field is the sender field, delivery_value the address',
  },
  recipients: { arrayOf: PARTICIPANT, comment: 'Who received it; field is TO, CC or BCC' },
  attachments: {
    arrayOf: ATTACHMENT,
    comment: 'Files and other attachments; archive_key says where the bytes are',
  },
  observed_at: { type: 'timestamp', comment: 'Start of the fetch that first saw this content' },
  removed_at: {
    type: 'timestamp',
    comment: 'Start of the first fetch that HubSpot no longer returned it to',
  },
  raw: { type: 'string', comment: 'The message exactly as HubSpot sent it, JSON' },
} as const satisfies Columns;
