import { readThreadRecord } from '../../functions/archive/thread-record.ts';
import { forEachConcurrently } from '../../functions/concurrency.ts';
import { CorruptArchiveError, safeReason } from '../../functions/errors.ts';
import { type FetchedThread } from '../../functions/hubspot/conversations.ts';
import { type ListThreads } from '../../functions/hubspot/thread-lists.ts';
import { type Lack, lackOf } from '../../functions/sweep/lack.ts';
import { type ArchiveReader } from '../archive-place.ts';

/** A thread that HubSpot lists and the archive does not have all of. */
export type LackingThread = {
  threadId: string;
  inTrash: boolean;
  lack: Lack;
  /** When it was listed, by HubSpot's clock in whole seconds, milliseconds since 1970. */
  listedAt: number;
};

/** A thread that could not be dealt with. The reason has ids and statuses, never content. */
export type Failure = { threadId: string; reason: string };

/** An account's threads, compared with what is archived of them. */
export type Survey = {
  /** How many threads are listed. */
  live: number;
  inTrash: number;
  /** Those in the trash first: HubSpot purges them 30 days after they came there. */
  lacking: LackingThread[];
  /** Those whose record cannot be read. */
  failures: Failure[];
};

/** What a survey is made with. */
export type SurveyDeps = {
  listThreads: ListThreads;
  /** Where the records are. */
  archive: Pick<ArchiveReader, 'get'>;
  portalId: string;
  /** Only threads with a message of then or later, milliseconds since 1970. */
  since: number | undefined;
  /** Ends it early when aborted: then the survey has what was listed until then. */
  signal: AbortSignal;
  /** Hears of how many threads are listed so far. */
  onListed: (threads: number) => void;
};

const CONCURRENT_READS = 16;

/**
 * Lists all threads of an account, a hundred with a call, and reads the record of each, one GET. Without `since` threads are
 * listed by their ids, so that those without any message are among them. Live threads are listed before those in the trash: one
 * that is moved there meanwhile is not missed. One that is taken out of it meanwhile may be, and comes by its event.
 * Memory: about a hundred bytes for each thread that lacks something.
 * @throws HubSpotError and what the archive throws, but not for a record that cannot be read
 */
export async function surveyThreads(deps: SurveyDeps): Promise<Survey> {
  const live = await surveyList(deps, { archived: false, before: 0 });
  const trash = await surveyList(deps, { archived: true, before: live.listed });
  return {
    live: live.listed,
    inTrash: trash.listed,
    lacking: [...trash.lacking, ...live.lacking],
    failures: [...trash.failures, ...live.failures],
  };
}

type Listed = FetchedThread & { listedAt: number };

async function surveyList(
  deps: SurveyDeps,
  { archived, before }: { archived: boolean; before: number },
): Promise<{ listed: number; lacking: LackingThread[]; failures: Failure[] }> {
  const { archive, portalId, onListed } = deps;
  // A thread that gets a message while the list is read may come twice.
  const seen = new Set<string>();
  const lacking: LackingThread[] = [];
  const failures: Failure[] = [];
  await forEachConcurrently(list(deps, archived), CONCURRENT_READS, async (listed) => {
    const { listedAt } = listed;
    const { id: threadId } = listed.thread;
    if (seen.has(threadId)) return;
    seen.add(threadId);
    onListed(before + seen.size);
    try {
      const known = await readThreadRecord(archive, { portalId, threadId });
      const lack = lackOf(known?.record, listed);
      if (lack !== undefined) lacking.push({ threadId, inTrash: archived, lack, listedAt });
    } catch (error) {
      if (!isOfTheThread(error)) throw error;
      failures.push({ threadId, reason: safeReason(error) });
    }
  });
  return { listed: seen.size, lacking, failures };
}

/** Whether other records may be read all the same. */
function isOfTheThread(error: unknown): boolean {
  return error instanceof CorruptArchiveError || error instanceof RangeError;
}

async function* list(
  { listThreads, portalId, since, signal }: SurveyDeps,
  archived: boolean,
): AsyncGenerator<Listed> {
  let cursor: string | undefined;
  do {
    if (signal.aborted) return;
    const page = await listThreads({ portalId, archived, newestMessageFrom: since, cursor });
    for (const thread of page.threads) yield { ...thread, listedAt: page.answeredAt };
    cursor = page.next;
  } while (cursor !== undefined);
}
