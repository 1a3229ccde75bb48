import { sqlTimestamp } from '../archive/timestamp.ts';
import { type ThreadId } from '../thread-id.ts';
import { type ErasureRecord } from './erasure-record.ts';

/** Who ordered an erasure by hand, and why. */
export type ErasureOrder = { by: string; reason: string };

/** What asks for an erasure: an event of HubSpot's, or somebody's order. Milliseconds since 1970. */
export type ErasureCall = ThreadId & {
  event: string;
  requestedAt: number;
  requestId: string;
  order?: ErasureOrder;
};

/** The record of an erasure of which nothing is done yet. */
export function newErasure(
  { threadId, event, requestedAt, requestId, order }: ErasureCall,
  policy: ErasureRecord['policy'],
): ErasureRecord {
  return {
    thread_id: threadId,
    policy,
    event,
    requested_at: sqlTimestamp(new Date(requestedAt)),
    requested_by: requestId,
    ordered_by: order?.by ?? null,
    reason: order?.reason ?? null,
    started_at: null,
    finished_at: null,
    days: [],
    objects: 0,
    versions: 0,
    locked: [],
    tombstones: [],
    schema_version: 1,
  };
}
