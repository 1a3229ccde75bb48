import { ACTOR_COLUMNS } from '../functions/archive/columns/actors.ts';
import { type Column, type Columns } from '../functions/archive/columns/column.ts';
import { MESSAGE_COLUMNS } from '../functions/archive/columns/messages.ts';
import {
  CHANNEL_ACCOUNT_COLUMNS,
  CHANNEL_COLUMNS,
  INBOX_COLUMNS,
} from '../functions/archive/columns/places.ts';
import { THREAD_COLUMNS } from '../functions/archive/columns/threads.ts';

/*
 * The columns of the views, in the order of their SQL. Types are those of the tables' columns: none is written twice. What
 * means the same as in its table has its comment too.
 */

const PORTAL_ID = {
  type: 'string',
  comment: 'Id of the HubSpot account; the partition of the tables',
} as const;

const MESSAGES_NAMED: Columns = {
  portal_id: PORTAL_ID,
  dt: { type: 'string', comment: 'UTC day of created_at, YYYY-MM-DD; the partition of messages' },
  ...some(MESSAGE_COLUMNS, 'thread_id', 'message_id', 'type', 'created_at', 'updated_at', 'direction'),
  ...some(MESSAGE_COLUMNS, 'created_by'),
  author_type: saying(ACTOR_COLUMNS.type, 'Author: AGENT, BOT, INTEGRATOR, SYSTEM, VISITOR, EMAIL or LLM'),
  author_name: saying(ACTOR_COLUMNS.name, 'Name of the author; null when it is not known'),
  author_email: saying(ACTOR_COLUMNS.email, 'E-mail address of the author; null when it is not known'),
  ...some(MESSAGE_COLUMNS, 'channel_id'),
  channel_name: saying(CHANNEL_COLUMNS.name, 'Name of the channel, e.g. LIVE_CHAT'),
  ...some(MESSAGE_COLUMNS, 'channel_account_id'),
  channel_account_name: saying(CHANNEL_ACCOUNT_COLUMNS.name, 'Name of that account'),
  channel_account_address: saying(CHANNEL_ACCOUNT_COLUMNS.delivery_value, 'Address of that account'),
  ...some(MESSAGE_COLUMNS, 'subject'),
  text: saying(MESSAGE_COLUMNS.text, 'Whole plain text: the original of a message that is listed cut'),
  rich_text: saying(MESSAGE_COLUMNS.rich_text, 'Whole HTML: the original of a message that is listed cut'),
  text_cut: {
    type: 'boolean',
    comment: 'Whether text may still be cut: the message is listed cut, and its original text is lacking',
  },
  ...some(
    MESSAGE_COLUMNS,
    'status_type',
    'status_error',
    'in_reply_to_id',
    'client_type',
    'integration_app_id',
  ),
  ...some(
    MESSAGE_COLUMNS,
    'archived',
    'assigned_to',
    'assigned_from',
    'new_status',
    'from_inbox_id',
    'to_inbox_id',
  ),
  ...some(MESSAGE_COLUMNS, 'senders', 'recipients', 'attachments', 'observed_at', 'removed_at'),
  thread_status: saying(THREAD_COLUMNS.status, 'Thread, as it is now: OPEN or CLOSED'),
  thread_inbox_id: saying(THREAD_COLUMNS.inbox_id, 'Thread, as it is now: inbox it is in'),
  thread_inbox_name: saying(INBOX_COLUMNS.name, 'Name of that inbox, also when it is gone from HubSpot'),
  thread_assigned_to: saying(THREAD_COLUMNS.assigned_to, 'Thread, as it is now: actor id of the assignee'),
  thread_assignee_name: saying(ACTOR_COLUMNS.name, 'Name of that assignee'),
  ...some(THREAD_COLUMNS, 'associated_contact_id', 'associated_ticket_id'),
  thread_deleted_at: THREAD_COLUMNS.deleted_at,
};

const THREADS_NAMED: Columns = {
  portal_id: PORTAL_ID,
  ...some(THREAD_COLUMNS, 'thread_id', 'status', 'spam', 'archived', 'created_at', 'closed_at', 'inbox_id'),
  inbox_name: saying(INBOX_COLUMNS.name, 'Name of the inbox, also when it is gone from HubSpot'),
  inbox_type: INBOX_COLUMNS.type,
  ...some(THREAD_COLUMNS, 'original_channel_id'),
  original_channel_name: saying(CHANNEL_COLUMNS.name, 'Name of that channel, e.g. LIVE_CHAT'),
  ...some(THREAD_COLUMNS, 'original_channel_account_id'),
  original_channel_account_name: saying(CHANNEL_ACCOUNT_COLUMNS.name, 'Name of that account'),
  original_channel_account_address: saying(CHANNEL_ACCOUNT_COLUMNS.delivery_value, 'Address of that account'),
  ...some(THREAD_COLUMNS, 'assigned_to'),
  assignee_name: saying(
    ACTOR_COLUMNS.name,
    'Name of the assignee; null when it is not known, or there is none',
  ),
  assignee_email: saying(ACTOR_COLUMNS.email, 'E-mail address of the assignee'),
  ...some(THREAD_COLUMNS, 'associated_contact_id', 'associated_ticket_id'),
  ...some(THREAD_COLUMNS, 'message_count', 'first_message_at', 'last_message_at'),
  ...some(THREAD_COLUMNS, 'latest_message_received_timestamp', 'latest_message_sent_timestamp'),
  waiting_since: saying(
    THREAD_COLUMNS.latest_message_received_timestamp,
    'Newest incoming message of an open thread, when nothing was sent since; null when nobody waits for an answer',
  ),
  ...some(THREAD_COLUMNS, 'complete', 'fetch_started_at', 'deleted_at', 'erased_at'),
};

/** The columns of each view, by its name. */
export const VIEW_COLUMNS: Readonly<Record<string, Columns>> = {
  messages_named: MESSAGES_NAMED,
  threads_named: THREADS_NAMED,
};

/** Columns of a table as they are. */
function some<Name extends string>(columns: Readonly<Record<Name, Column>>, ...names: Name[]): Columns {
  return Object.fromEntries(names.map((name) => [name, columns[name]]));
}

/** A column of the same type that means something else, or says of whom. */
function saying(column: Column, comment: string): Column {
  return { ...column, comment };
}
