import { readText } from '../functions/archive/fields.ts';
import { parseThreadRecordKey, THREADS_PREFIX } from '../functions/archive/layout.ts';
import { type KnownThread, readThreadRecord } from '../functions/archive/thread-record.ts';
import { timestampMs } from '../functions/archive/timestamp.ts';
import { forEachConcurrently } from '../functions/concurrency.ts';
import { CorruptArchiveError } from '../functions/errors.ts';
import { type ThreadId } from '../functions/thread-id.ts';
import { type ArchiveReader } from './archive-place.ts';

/** Which of the archived threads a command is about. All that is given must hold; nothing given means all threads. */
export type ThreadChoice = {
  /** These alone. They need not be archived. */
  threads?: readonly ThreadId[] | undefined;
  /** Those that HubSpot associates with this contact or visitor, by its id. */
  contact?: string | undefined;
  /** Those with a message of then or later, milliseconds since 1970. */
  since?: number | undefined;
  /** Those with a message before then, milliseconds since 1970. */
  until?: number | undefined;
};

/** A thread, and its record; undefined when none is archived. */
export type ChosenThread = { id: ThreadId; known: KnownThread | undefined };

const CONCURRENT_READS = 16;

/**
 * Hands on the threads that are chosen, in no particular order. Unless threads are named, every thread record of the archive
 * is read, a few at a time: one GET each.
 * @param onCorrupt what is done about a record that cannot be read; by default nothing, and the error is thrown
 * @throws CorruptArchiveError, what the store and the work throw
 */
export async function forEachThread(
  reader: Pick<ArchiveReader, 'get' | 'list'>,
  choice: ThreadChoice,
  work: (thread: ChosenThread) => Promise<void>,
  onCorrupt?: (id: ThreadId, error: CorruptArchiveError) => void,
): Promise<void> {
  await forEachConcurrently(candidates(reader, choice), CONCURRENT_READS, async (id) => {
    let known: KnownThread | undefined;
    try {
      known = await readThreadRecord(reader, id);
    } catch (error) {
      if (onCorrupt === undefined || !(error instanceof CorruptArchiveError)) throw error;
      onCorrupt(id, error);
      return;
    }
    if (isChosen(known, choice)) await work({ id, known });
  });
}

async function* candidates(
  reader: Pick<ArchiveReader, 'list'>,
  { threads }: ThreadChoice,
): AsyncGenerator<ThreadId> {
  if (threads !== undefined) {
    yield* threads;
    return;
  }
  for await (const key of reader.list(THREADS_PREFIX)) {
    const id = parseThreadRecordKey(key);
    if (id !== undefined) yield id;
  }
}

function isChosen(known: KnownThread | undefined, { threads, contact, since, until }: ThreadChoice): boolean {
  if (known === undefined)
    return threads !== undefined && contact === undefined && since === undefined && until === undefined;
  const { record } = known;
  if (contact !== undefined && readText(record, 'associated_contact_id') !== contact) return false;
  const { first_message_at: first, last_message_at: last } = record;
  if (since !== undefined && !(last != null && timestampMs(last) >= since)) return false;
  return until === undefined || (first != null && timestampMs(first) < until);
}
