import { type Columns } from './column.ts';

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
