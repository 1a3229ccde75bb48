import { type Columns } from './column.ts';

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
