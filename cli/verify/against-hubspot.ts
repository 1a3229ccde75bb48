import { parseThreadRecordKey, threadRecordKey, THREADS_PREFIX } from '../../functions/archive/layout.ts';
import { readThreadRecord } from '../../functions/archive/thread-record.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { CorruptArchiveError } from '../../functions/errors.ts';
import { type Conversations, createConversations } from '../../functions/hubspot/conversations.ts';
import { createListThreads, type ListThreads } from '../../functions/hubspot/thread-lists.ts';
import { type ThreadId } from '../../functions/thread-id.ts';
import { createHubSpotAccess } from '../../local/hubspot-access.ts';
import { numeral } from '../../local/numeral.ts';
import { type ArchiveReader, describePlace, openArchiveReader } from '../archive-place.ts';
import { type Run } from './against-digests.ts';
import { compareThread, THREAD_FINDING_KINDS, type ThreadComparison } from './compare-thread.ts';
import { type Finding } from './finding.ts';
import { openNotes } from './notes.ts';
import { type VerifyCommand } from './options.ts';
import { type Report } from './report.ts';

type Command = VerifyCommand & { against: 'hubspot' };

/** What a comparison with HubSpot works with. */
export type HubSpotDeps = {
  archive: ArchiveReader;
  listThreads: ListThreads;
  conversations: Conversations;
  portalId: string;
};

/** What a comparison with HubSpot has counted. */
export type HubSpotCounts = {
  threads: number;
  erased: number;
  held: number;
  archived: number;
  removed: number;
};

/**
 * Compares an archive with HubSpot, and hands the report to whoever prints it.
 * @throws ConfigError, HubSpotError, what the place throws
 */
export async function verifyByHubSpot(
  command: Command,
  run: Run,
  print: (report: Report) => void,
): Promise<void> {
  const { portalId, accessToken, requestsPerSecond, apiVersion, apiUrl } = command;
  const archive = await openArchiveReader(command.place);
  const { get } = createHubSpotAccess({ apiUrl, apiVersion, accessToken, requestsPerSecond });
  const deps = {
    archive,
    listThreads: createListThreads(get, apiVersion),
    conversations: createConversations(get, apiVersion),
    portalId,
  };
  // An unnamed database of SQLite is in a temporary file of its own.
  const notes = openNotes('');
  try {
    const startedAt = new Date().toISOString();
    const counts = await compareWithHubSpot(deps, run, (finding) => {
      notes.report(finding);
    });
    const place = describePlace(command.place);
    const { ofKind } = notes.counts();
    const differences = Object.fromEntries(THREAD_FINDING_KINDS.map((kind) => [kind, ofKind(kind)]));
    const isProven = THREAD_FINDING_KINDS.every((kind) => ofKind(kind) === 0);
    print({
      facts: [
        ['archive', place],
        ['HubSpot', `account ${portalId}, from ${startedAt} on`],
        [
          'threads',
          `${numeral(counts.threads)} in HubSpot, ${numeral(counts.erased)} of them erased from the archive`,
        ],
        ['messages', `${numeral(counts.held)} in HubSpot, ${numeral(counts.archived)} in the archive`],
        ['removed', `${numeral(counts.removed)} more in the archive that HubSpot shows no more, marked so`],
      ],
      differences,
      summary: { archive: place, portal_id: portalId, is_proven: isProven, ...counts, differences },
      proven: 'Proven: every message that HubSpot shows is in the archive, on its day.',
      findings: () => notes.findings(),
    });
  } finally {
    notes.close();
  }
}

/**
 * Compares every thread that HubSpot lists, also those in its trash, with the archive: message by message, in the partition of
 * its day. One thread is held at a time, and the ids of all. Then looks at the records of threads that HubSpot does not list: a
 * token of another account, which shows none of them, proves nothing. A message that comes while its thread is compared may be
 * named as missing: look again.
 */
export async function compareWithHubSpot(
  deps: HubSpotDeps,
  { signal, onProgress }: Run,
  report: (finding: Finding) => void,
): Promise<HubSpotCounts> {
  const { archive, portalId } = deps;
  const counts = { threads: 0, erased: 0, held: 0, archived: 0, removed: 0 };
  const of = await countThreads(archive, portalId);
  const listing: Listing = { threadIds: new Set(), beganAt: Infinity };
  for (const archived of [false, true]) {
    for await (const threadId of listThreadIds(deps, archived, listing)) {
      signal.throwIfAborted();
      const compared = await compareThread(deps, { id: { portalId, threadId }, archived }, report);
      add(counts, compared);
      onProgress({ step: 'threads', done: counts.threads, of });
    }
  }
  for await (const id of archivedThreads(archive, portalId)) {
    signal.throwIfAborted();
    if (!listing.threadIds.has(id.threadId)) await judgeUnlisted(archive, { id, listing }, report);
  }
  return counts;
}

function add(counts: HubSpotCounts, { erased, held, archived, removed }: ThreadComparison): void {
  counts.threads++;
  if (erased) counts.erased++;
  counts.held += held;
  counts.archived += archived;
  counts.removed += removed;
}

/** The threads that HubSpot has listed, and when it began to, by its clock, milliseconds since 1970. */
type Listing = { threadIds: Set<string>; beganAt: number };

async function* listThreadIds(
  { listThreads, portalId }: HubSpotDeps,
  archived: boolean,
  listing: Listing,
): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const { threads, next, answeredAt } = await listThreads({ portalId, archived, cursor });
    listing.beganAt = Math.min(listing.beganAt, answeredAt);
    for (const { thread } of threads) {
      listing.threadIds.add(thread.id);
      yield thread.id;
    }
    cursor = next;
  } while (cursor !== undefined);
}

/** A thread that HubSpot does not list is gone there, and its record says so, or has been fetched since the listing began. */
async function judgeUnlisted(
  archive: ArchiveReader,
  { id, listing }: { id: ThreadId; listing: Listing },
  report: (finding: Finding) => void,
): Promise<void> {
  const key = threadRecordKey(id);
  try {
    const record = (await readThreadRecord(archive, id))?.record;
    if (record?.deleted_at !== null || typeof record.erased_at === 'string') return;
    if (timestampMs(record.fetch_started_at) >= listing.beganAt) return;
    const detail = 'HubSpot lists no such thread, and its record does not say that it is gone';
    report({ kind: 'only in archive', key, versionId: null, detail });
  } catch (error) {
    if (!(error instanceof CorruptArchiveError)) throw error;
    report({ kind: 'not readable', key, versionId: null, detail: error.message });
  }
}

async function countThreads(archive: ArchiveReader, portalId: string): Promise<number> {
  let threads = 0;
  for await (const _ of archivedThreads(archive, portalId)) threads++;
  return threads;
}

async function* archivedThreads(archive: ArchiveReader, portalId: string): AsyncGenerator<ThreadId> {
  for await (const key of archive.list(`${THREADS_PREFIX}portal_id=${portalId}/`)) {
    const id = parseThreadRecordKey(key);
    if (id !== undefined) yield id;
  }
}
