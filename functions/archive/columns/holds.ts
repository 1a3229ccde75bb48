import { type Columns } from './column.ts';

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
