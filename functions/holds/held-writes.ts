import { type HoldPutter, type ObjectStore, type VersionId, type WrittenObject } from '../archive/store.ts';
import { type ThreadId } from '../thread-id.ts';
import { isThreadHeld } from './hold-record.ts';

/** A store through which one thread is written, so that nothing of a held thread is without its hold. */
type HeldWrites = {
  store: ObjectStore;
  /** To be called after the last write, also after one that failed. */
  settle: () => Promise<void>;
};

/**
 * Writes of one thread by one worker. Before the first of them the hold record is read: when the thread is held, each version
 * is written under a legal hold. After the last one it is read again, and when the thread has become held meanwhile, what was
 * written without a hold gets one.
 *
 * Whoever puts a hold writes its record first and lists the versions then. S3 is strongly consistent
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel, read November 2026), so a version is
 * there before that listing, and gets its hold from it, or is written after the record, which the second look then sees.
 * What is left is a worker that dies in between, or never heard that its write took effect: the daily check finds that
 * (check-holds.ts). A thread that is not written costs nothing, any other two GETs.
 *
 * In a home without such locks the writes are what they are.
 */
function createHeldWrites(store: ObjectStore, id: ThreadId, locks: HoldPutter | undefined): HeldWrites {
  if (locks === undefined) return { store, settle: () => Promise.resolve() };
  let firstLook: Promise<boolean> | undefined;
  const unheld: VersionId[] = [];

  async function write(key: string, put: (hold: object) => Promise<WrittenObject>): Promise<WrittenObject> {
    firstLook ??= isThreadHeld(store, id);
    const isHeld = await firstLook;
    const written = await put(isHeld ? { legalHold: true } : {});
    if (!isHeld) unheld.push({ key, versionId: written.versionId });
    return written;
  }

  return {
    store: {
      ...store,
      put: (request) => write(request.key, (hold) => store.put({ ...request, ...hold })),
      putFile: (request) => write(request.key, (hold) => store.putFile({ ...request, ...hold })),
    },
    settle: async () => {
      if (unheld.length === 0 || !(await isThreadHeld(store, id))) return;
      for (const version of unheld) await locks.holdVersion(version);
    },
  };
}

/**
 * Does work whose writes are held if the thread is. The second look is taken also when the work fails, for what it had
 * written by then.
 * @throws what the work throws, and what the store throws
 */
export async function withHeldWrites<T>(
  store: ObjectStore,
  id: ThreadId,
  { locks, work }: { locks: HoldPutter | undefined; work: (store: ObjectStore) => Promise<T> },
): Promise<T> {
  const writes = createHeldWrites(store, id, locks);
  try {
    return await work(writes.store);
  } finally {
    await writes.settle();
  }
}
