import { type ObjectStore } from '../archive/store.ts';
import { mapInLots } from '../concurrency.ts';
import { CorruptArchiveError } from '../errors.ts';
import { type ThreadId } from '../thread-id.ts';

/** For which accounts, and on whose behalf. */
export type DailyLook = {
  portals: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
  requestId: string;
  /** Hears of each record that cannot be read, by its key. It keeps no other from being looked at. */
  onUnreadable: (key: string) => void;
};

// A read takes some 20 ms, and there may be as many records as an account has had erasures in all its years.
const RECORDS_AT_A_TIME = 32;

/**
 * Looks at every record below a prefix, and gives what is found, if anything, of each.
 * @throws what the store throws
 */
export async function* lookAtRecords<T>(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  {
    parseKey,
    look,
    onUnreadable,
  }: Pick<DailyLook, 'onUnreadable'> & {
    parseKey: (key: string) => ThreadId | undefined;
    look: (id: ThreadId) => Promise<T | undefined>;
  },
): AsyncGenerator<T> {
  const lookAt = async (key: string): Promise<T | undefined> => {
    const id = parseKey(key);
    if (id === undefined) return undefined;
    try {
      return await look(id);
    } catch (error) {
      // A record with an id that no key can have is as unreadable as one that is none.
      if (!(error instanceof CorruptArchiveError || error instanceof RangeError)) throw error;
      onUnreadable(key);
      return undefined;
    }
  };
  for await (const found of mapInLots(store.list(prefix), RECORDS_AT_A_TIME, lookAt)) {
    if (found !== undefined) yield found;
  }
}
