import { describe, expect, it } from 'vitest';
import { threadFields } from '../../../functions/archive/thread-record.ts';
import { threadSchema } from '../../../functions/hubspot/schemas.ts';
import { lackOf } from '../../../functions/sweep/lack.ts';

const NOON = '2026-02-02 12:00:00.000';

/** A listed thread, and the record of a fetch that ended at noon and has it just so. */
function archivedThread(change: { archived?: boolean; deleted_at?: string | null } = {}) {
  const { archived = false, deleted_at = null } = change;
  const raw = JSON.stringify({ id: '7', archived, status: 'OPEN' });
  const listed = { thread: threadSchema.parse(JSON.parse(raw)), raw };
  const ledger = { fetch_started_at: NOON, fetched_by: 'test', complete: true, parts: [] };
  const record = {
    ...threadFields(listed.thread, raw),
    ...ledger,
    thread_id: '7',
    unseen_message_ids: [],
    deleted_at,
  };
  return { listed, record: { ...record, erased_at: null } };
}

describe('a thread that HubSpot lists', () => {
  it('lacks nothing when its record is as it is listed, in the trash or not', () => {
    const live = archivedThread();
    const inTrash = archivedThread({ archived: true, deleted_at: NOON });

    expect(lackOf(live.record, live.listed)).toBeUndefined();
    expect(lackOf(inTrash.record, inTrash.listed)).toBeUndefined();
  });

  it('has changed when the last fetch did not find it', () => {
    const { record, listed } = archivedThread({ deleted_at: NOON });

    expect(lackOf(record, listed)).toBe('changed');
  });
});
