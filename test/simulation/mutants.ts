import { type ObjectStore, type PutRequest } from '../../functions/archive/store.ts';
import { type ThreadRecord } from '../../functions/archive/thread-record.ts';
import { ConflictError } from '../../functions/errors.ts';
import { type Kind } from './draw-plan.ts';
import { type Variant } from './process.ts';

/**
 * A variant that takes something away which an invariant rests on, through the seams that the product has, and the kind of
 * schedule that shows it soon.
 */
export type Mutant = { invariant: number; name: string; variant: Variant; kind?: Kind };

/** Whether an object is a part and not a record. */
export const isPart = (key: string): boolean => key.startsWith('messages/');

/** Writes whatever is there. */
export async function overwrite(store: ObjectStore, request: PutRequest): ReturnType<ObjectStore['put']> {
  for (;;) {
    const current = await store.get(request.key);
    const condition = current === undefined ? ({ absent: true } as const) : { etag: current.etag };
    try {
      return await store.put({ ...request, condition });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** Leaves out the writes of the record that come before the last one of a fetch. */
export function withoutNotes(store: ObjectStore): ObjectStore {
  const NOTHING = 'nothing there yet';
  return {
    ...store,
    put(request) {
      const { condition } = request;
      const etag = 'etag' in condition ? condition.etag : NOTHING;
      const isNote = !isPart(request.key) && request.body.toString().includes('"checkpoint":"{\\"newDays');
      if (isNote) return Promise.resolve({ etag, versionId: 'none' });
      return store.put({ ...request, condition: etag === NOTHING ? { absent: true } : { etag } });
    },
  };
}

/** A store that writes records otherwise than it is told. */
export function changeRecords(change: (record: ThreadRecord) => Partial<ThreadRecord>): Variant {
  return {
    store: (store) => ({
      ...store,
      put(request) {
        if (isPart(request.key)) return store.put(request);
        const record = JSON.parse(request.body.toString()) as ThreadRecord;
        const body = Buffer.from(`${JSON.stringify({ ...record, ...change(record) })}\n`);
        return store.put({ ...request, body });
      },
    }),
  };
}
