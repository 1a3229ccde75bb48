import { threadRecordKey } from '../archive/layout.ts';
import { describeObject } from '../archive/parts.ts';
import { type ObjectStore } from '../archive/store.ts';
import {
  encodeThreadRecord,
  type KnownThread,
  SCHEMA_VERSION,
  threadFields,
  type ThreadRecord,
} from '../archive/thread-record.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { type ThreadId } from '../thread-id.ts';
import { type ErasureRecord } from './erasure-record.ts';

/** How far an erasure has come, as the thread record says it. */
export type ErasureOutcome = 'erasing' | 'erased' | 'locked' | 'held';

type Mark = {
  known: KnownThread | undefined;
  erasure: ErasureRecord;
  outcome: ErasureOutcome;
  requestId: string;
};

/**
 * Puts in the place of a thread's record one that has nothing of HubSpot's thread and says what was asked for. From then on
 * captures leave the thread alone, and one that is under way cannot write its record any more. A request that is only held
 * adds to the record what was asked for. Gives the version that was written.
 * @throws ConflictError when the record is not the one that was read
 */
export async function writeTombstone(
  store: ObjectStore,
  id: ThreadId,
  { known, erasure, outcome, requestId }: Mark,
): Promise<string | null> {
  const isHeld = outcome === 'held';
  const record = {
    ...(isHeld && known !== undefined ? known.record : blankRecord(id, { known, erasure, requestId })),
    erased_at: isHeld ? null : erasure.started_at,
    erasure_event: erasure.event,
    erasure_requested_at: erasure.requested_at,
    erasure_outcome: outcome,
  };
  const body = encodeThreadRecord(record);
  const { versionId } = await store.put({
    key: threadRecordKey(id),
    body,
    contentType: 'application/json',
    condition: known === undefined ? { absent: true } : { etag: known.etag },
    ...describeObject(body, { requestId, fetchStartedAt: record.fetch_started_at }),
  });
  return versionId;
}

function blankRecord(
  { threadId }: ThreadId,
  { known, erasure, requestId }: Pick<Mark, 'known' | 'erasure' | 'requestId'>,
): ThreadRecord & { fetch_started_at: string; fetched_by: string } {
  return {
    ...threadFields({ id: threadId }, null),
    // Later than any fetch that is merged, as every new record is.
    fetch_started_at:
      known === undefined
        ? erasure.requested_at
        : sqlTimestamp(new Date(timestampMs(known.record.fetch_started_at) + 1)),
    complete: true,
    checkpoint: null,
    fetched_by: requestId,
    api_version: null,
    pages: 0,
    message_count: 0,
    first_message_at: null,
    last_message_at: null,
    parts: [],
    unseen_message_ids: [],
    gaps: [],
    deleted_at: known?.record.deleted_at ?? erasure.requested_at,
    erased_at: null,
    erasure_event: null,
    erasure_requested_at: null,
    erasure_outcome: null,
    schema_version: SCHEMA_VERSION,
  };
}
