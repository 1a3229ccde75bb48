import { describe, expect, it } from 'vitest';
import { type StoredThreadRecord, threadFields } from '../../../functions/archive/thread-record.ts';
import { type FetchedThread } from '../../../functions/hubspot/conversations.ts';
import { lackOf } from '../../../functions/sweep/lack.ts';

const FIELDS = {
  id: '7',
  archived: false,
  status: 'OPEN',
  assignedTo: 'A-1',
  latestMessageTimestamp: '2026-02-02T12:00:00Z',
};

function listed(changes: Record<string, unknown> = {}): FetchedThread {
  const thread = { ...FIELDS, ...changes };
  return { thread, raw: JSON.stringify(thread) };
}

/** The record of the thread as it is listed, after a fetch an hour later. */
function record(changes: Partial<StoredThreadRecord> = {}): StoredThreadRecord {
  return {
    ...threadFields(FIELDS, ''),
    thread_id: '7',
    fetch_started_at: '2026-02-02 13:00:00.000',
    fetched_by: 'r',
    last_message_at: '2026-02-02 12:00:00.000',
    complete: true,
    parts: [],
    unseen_message_ids: [],
    gaps: [],
    deleted_at: null,
    erased_at: null,
    ...changes,
  };
}
const gap = (reason: string) => ({
  dt: '2026-02-02',
  message_id: 'm',
  file_id: null,
  kind: 'original' as const,
  reason,
  noted_at: '2026-02-02 13:00:00.000',
});

describe('what the archive lacks of a listed thread', () => {
  it('is nothing when the record says the same', () => {
    expect(lackOf(record(), listed())).toBeUndefined();
  });

  it.each([
    ['never archived', undefined, {}],
    ['unfinished', record({ complete: false }), {}],
    ['unfinished', record({ gaps: [gap('not yet')] }), {}],
    ['newer message', record({ fetch_started_at: '2026-02-02 12:04:59.999', last_message_at: null }), {}],
    ['newer message', record(), { latestMessageTimestamp: '2026-02-02T13:30:00Z' }],
    ['changed', record(), { status: 'CLOSED' }],
    ['changed', record(), { archived: true }],
    ['changed', record(), { assignedTo: undefined }],
    ['changed', record(), { inboxId: '104531' }],
    ['changed', record({ closed_at: '2026-02-02 12:30:00.000' }), {}],
  ] as const)('is "%s"', (lack, known, changes) => {
    expect(lackOf(known, listed(changes))).toBe(lack);
  });

  it.each([
    ['what was erased', record({ erased_at: '2026-02-02 13:00:00.000', complete: false }), {}],
    ['a gap that was given up', record({ gaps: [gap('not found')] }), {}],
    ['a newest message that a late fetch did not see', record({ last_message_at: null }), {}],
    ['a field that the list leaves out', record({ inbox_id: '104531' }), {}],
  ] as const)('is not %s', (_, known, changes) => {
    expect(lackOf(known, listed(changes))).toBeUndefined();
  });
});
