import { type MessageRow } from '../../functions/archive/row.ts';
import { type ThreadRecord } from '../../functions/archive/thread-record.ts';
import { gunzipQuickly } from './stored-gzip.ts';

/** Stored objects as what they hold. An object's bytes never change, so each is read once. */

const rows = new WeakMap<Buffer, readonly MessageRow[]>();
const records = new WeakMap<Buffer, ThreadRecord>();

/** The rows of a part. */
export function rowsOf(body: Buffer): readonly MessageRow[] {
  return readOnce(rows, body, () => {
    const lines = gunzipQuickly(body).toString().trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as MessageRow);
  });
}

/** A thread record. */
export function recordOf(body: Buffer): ThreadRecord {
  return readOnce(records, body, () => JSON.parse(body.toString()) as ThreadRecord);
}

function readOnce<T>(known: WeakMap<Buffer, T>, body: Buffer, read: () => T): T {
  const value = known.get(body) ?? read();
  known.set(body, value);
  return value;
}
