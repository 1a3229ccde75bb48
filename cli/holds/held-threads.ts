import { HOLDS_PREFIX, parseHoldKey } from '../../functions/archive/layout.ts';
import { type HoldRecord, readHold } from '../../functions/holds/hold-record.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { type ArchiveReader } from '../archive-place.ts';

/** A thread that is or was held, and its hold record. */
export type HoldOfThread = { id: ThreadId; hold: HoldRecord };

/**
 * Every thread that has a hold record. One GET for each.
 * @throws CorruptArchiveError, what the store throws
 */
export async function* readHolds(reader: Pick<ArchiveReader, 'get' | 'list'>): AsyncGenerator<HoldOfThread> {
  for await (const key of reader.list(HOLDS_PREFIX)) {
    const id = parseHoldKey(key);
    const hold = id && (await readHold(reader, id));
    if (id !== undefined && hold !== undefined) yield { id, hold };
  }
}
