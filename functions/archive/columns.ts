/**
 * The columns of the archive's tables: the one place that says what a row holds. The row type, the writer, the
 * tables over the bucket and docs/data-dictionary.md all follow from it. Type names are those of Hive and Athena.
 */

type Scalar = 'string' | 'boolean' | 'timestamp' | 'bigint';

/** The fields of a struct. */
type Struct = Readonly<Record<string, Scalar>>;

/** A column: its type, or what its array holds, and what it means to an analyst. */
export type Column = { type: Scalar; comment: string } | { arrayOf: Scalar | Struct; comment: string };
type Columns = Readonly<Record<string, Column>>;

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

const LOCKED_VERSION = { key: 'string', version_id: 'string', until: 'string' } as const;

/** Columns of the record of an erasure. */
export const ERASURE_COLUMNS = {
  thread_id: { type: 'string', comment: 'Thread whose content was to be erased' },
  policy: { type: 'string', comment: 'erase, or hold: nothing is erased, the request is on record' },
  event: {
    type: 'string',
    comment: 'What asked for it: the subscription type of the event, or operator.erasure',
  },
  requested_at: { type: 'timestamp', comment: 'When it was asked for' },
  requested_by: { type: 'string', comment: 'Request id of the invocation or command that took it' },
  ordered_by: { type: 'string', comment: 'Who ordered it by hand: an ARN or a user name; null for an event' },
  reason: { type: 'string', comment: 'Why it was ordered by hand, in the words of who did' },
  started_at: {
    type: 'timestamp',
    comment: 'When erasing began; from then on nothing of the thread is archived',
  },
  finished_at: { type: 'timestamp', comment: 'When it was over, but for what is locked' },
  days: { arrayOf: 'string', comment: 'UTC days that had parts, or may have' },
  objects: {
    type: 'bigint',
    comment: 'Objects that these versions are of; null in a record from before this was counted',
  },
  versions: { type: 'bigint', comment: 'Versions of objects erased so far' },
  tombstones: {
    arrayOf: 'string',
    comment: 'Versions of the thread record that have no content: these stay',
  },
  locked: {
    arrayOf: LOCKED_VERSION,
    comment: 'Versions that a lock keeps; until is when it ends, null for a legal hold',
  },
  schema_version: { type: 'bigint', comment: 'Version of this layout' },
} as const satisfies Columns;

const HOLD_ACT = {
  act: 'string',
  case_name: 'string',
  done_by: 'string',
  done_at: 'string',
  reason: 'string',
} as const;

/** Columns of the record of a thread's legal holds. */
export const HOLD_COLUMNS = {
  thread_id: { type: 'string', comment: 'Thread that is or was held' },
  held: { type: 'boolean', comment: 'Whether a case holds it: then nothing of it may be erased' },
  held_since: { type: 'timestamp', comment: 'Since when without a break; null when it is not held' },
  cases: { arrayOf: 'string', comment: 'The cases that hold it' },
  history: {
    arrayOf: HOLD_ACT,
    comment: 'Every act, oldest first: add or remove, for which case, by whom, when, why',
  },
  schema_version: { type: 'bigint', comment: 'Version of this layout' },
} as const satisfies Columns;

/** Columns of an actor. */
export const ACTOR_COLUMNS = {
  actor_id: { type: 'string', comment: 'Actor id, as messages and threads name it' },
  type: { type: 'string', comment: 'AGENT, BOT, INTEGRATOR, SYSTEM, VISITOR, EMAIL or LLM' },
  name: { type: 'string', comment: 'Name' },
  email: { type: 'string', comment: 'E-mail address' },
  avatar: { type: 'string', comment: 'URL of a picture' },
  raw: {
    type: 'string',
    comment: 'The actor exactly as HubSpot sent it, JSON; null when HubSpot never knew the id',
  },
  observed_at: { type: 'timestamp', comment: 'Answer of HubSpot that first had this content' },
  fetched_at: {
    type: 'timestamp',
    comment: 'Newest answer of HubSpot; asked for again a week later, when named',
  },
  removed_at: { type: 'timestamp', comment: 'First answer in which HubSpot did not know the actor' },
} as const satisfies Columns;

const PLACE_HISTORY = {
  raw: { type: 'string', comment: 'The entry exactly as HubSpot sent it, JSON' },
  observed_at: { type: 'timestamp', comment: 'Start of the list that first had this content' },
  removed_at: { type: 'timestamp', comment: 'Start of the first list that no longer had it' },
} as const satisfies Columns;

/** Columns of the table of inboxes. */
export const INBOX_COLUMNS = {
  inbox_id: { type: 'string', comment: 'Inbox id' },
  name: { type: 'string', comment: 'Name' },
  type: { type: 'string', comment: 'INBOX or HELP_DESK' },
  archived: { type: 'boolean', comment: 'Whether HubSpot says it is archived' },
  created_at: { type: 'timestamp', comment: 'When it was created' },
  updated_at: { type: 'timestamp', comment: 'When HubSpot last changed it' },
  ...PLACE_HISTORY,
} as const satisfies Columns;

/** Columns of the table of channels. */
export const CHANNEL_COLUMNS = {
  channel_id: { type: 'string', comment: 'Channel id' },
  name: { type: 'string', comment: 'Name, e.g. LIVE_CHAT' },
  ...PLACE_HISTORY,
} as const satisfies Columns;

/** Columns of the table of channel accounts. */
export const CHANNEL_ACCOUNT_COLUMNS = {
  channel_account_id: {
    type: 'string',
    comment: 'Id of the account within the channel, e.g. of one mailbox',
  },
  name: { type: 'string', comment: 'Name' },
  channel_id: { type: 'string', comment: 'Channel it belongs to' },
  inbox_id: { type: 'string', comment: 'Inbox that its conversations go to' },
  active: { type: 'boolean', comment: 'Whether it is in use' },
  authorized: { type: 'boolean', comment: 'Whether HubSpot may use it' },
  archived: { type: 'boolean', comment: 'Whether HubSpot says it is archived' },
  created_at: { type: 'timestamp', comment: 'When it was created' },
  delivery_type: { type: 'string', comment: 'Kind of its address, e.g. HS_EMAIL_ADDRESS' },
  delivery_value: { type: 'string', comment: 'Its address' },
  ...PLACE_HISTORY,
} as const satisfies Columns;

type ScalarValue<S extends Scalar> =
  (S extends 'boolean' ? boolean : S extends 'bigint' ? number : string) | null;
type Element<E extends Scalar | Struct> = E extends Scalar
  ? NonNullable<ScalarValue<E>>
  : { -readonly [Name in keyof E]: ScalarValue<E[Name] & Scalar> };
type ColumnValue<C extends Column> = C extends { arrayOf: infer E extends Scalar | Struct }
  ? Element<E>[]
  : C extends { type: infer S extends Scalar }
    ? ScalarValue<S>
    : never;

/** A row with these columns, in the text form the JSON tables read: timestamps are `YYYY-MM-DD hh:mm:ss.SSS` in UTC. */
export type RowOf<C extends Columns> = { -readonly [Name in keyof C]: ColumnValue<C[Name]> };
