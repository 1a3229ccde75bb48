import { type ThreadId } from '../thread-id.ts';
import { daysOf } from './checkpoint.ts';
import { attachmentsPrefix, partKey, threadRecordKey } from './layout.ts';
import { type KnownThread } from './thread-record.ts';

/** Days of which a thread has parts, or may have one that its record does not list yet. */
export function daysWithParts(thread: KnownThread | undefined): string[] {
  if (thread === undefined) return [];
  return [...thread.record.parts.map((part) => part.dt), ...daysOf(thread.checkpoint?.newDays)];
}

/**
 * What the keys of all objects of a thread that have content begin with: its parts of these days, its files and its record,
 * in this order.
 */
export function prefixesOfThread(id: ThreadId, days: Iterable<string>): string[] {
  const parts = Array.from(days, (dt) => partKey({ ...id, dt }));
  return [...parts, attachmentsPrefix(id), threadRecordKey(id)];
}
