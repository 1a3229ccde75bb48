import { LONGEST_LIFE_MS } from '../archive/checkpoint.ts';
import { type ObjectEraser, type ObjectStore } from '../archive/store.ts';
import { daysWithParts } from '../archive/thread-objects.ts';
import { readThreadRecord } from '../archive/thread-record.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { isThreadHeld } from '../holds/hold-record.ts';
import { type ThreadId } from '../thread-id.ts';
import { LONGEST_DELAY_SECONDS } from '../thread-queue/queued-thread.ts';
import { OPERATOR_ERASURE } from '../thread-queue/route.ts';
import { type ErasedContent, eraseContent } from './erase-content.ts';
import {
  type ErasureRecord,
  isUnlocked,
  type KnownErasure,
  readErasure,
  writeErasure,
} from './erasure-record.ts';
import { newErasure } from './new-erasure.ts';
import { type ErasureOutcome, writeTombstone } from './tombstone.ts';

/** What is done when HubSpot deletes a thread for privacy: its content is erased, or kept and the request is on record. */
export type PrivacyDeletion = 'erase' | 'hold';

/** A request to erase a thread. */
export type EraseRequest = ThreadId & {
  /** What asked for it: the subscription type of the event, or {@link OPERATOR_ERASURE}. */
  event: string;
  /** When, milliseconds since 1970. */
  requestedAt: number;
  requestId: string;
};

/** What came of a visit. `againAfterSeconds`: when to come back, because somebody may still be writing. */
export type EraseOutcome = {
  outcome: ErasureOutcome;
  /** Versions erased by this visit. */
  versions: number;
  locked: number;
  againAfterSeconds?: number;
};

/** What erasing works with. */
export type EraseDeps = {
  store: ObjectStore;
  eraser: ObjectEraser;
  policy: PrivacyDeletion;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Whether nobody else can be writing: then the first visit is the last. Default: somebody may be. */
  isAlone?: boolean;
};

/**
 * Erases what is archived of a thread: every version of its parts, its attachments and its record. First of all the request
 * is put on record, so that whatever fails after that, the daily look at those records comes back to it. Then the record
 * lists the days that have parts, then a tombstone takes the place of the thread record, then the versions go. A worker
 * that was under way may still write a part; so the thread is visited again when no such worker can be alive any more, and
 * what it wrote goes too. Versions that a lock keeps are listed with the day on which it ends.
 *
 * Of a thread under a legal hold nothing is touched: the request is on record, and is carried out when it comes again after
 * the hold. What an operator orders is carried out whatever the policy is, which is about HubSpot's requests.
 *
 * Idempotent, and can be cut off anywhere: the next visit goes on. Two requests for one thread end as one.
 * @throws ConflictError when another writer came between: try again; CorruptArchiveError; what the store throws
 */
export function createEraseThread({
  store,
  eraser,
  policy,
  now,
  isAlone = false,
}: EraseDeps): (request: EraseRequest) => Promise<EraseOutcome> {
  return async (request) => {
    const isOrdered = request.event === OPERATOR_ERASURE;
    const known = await putOnRecord(store, request, isOrdered ? 'erase' : policy);
    if (policy === 'hold' && !isOrdered) return keep(store, request, known);
    if (isOver(known.erasure, now())) {
      const outcome = outcomeOf(known.erasure);
      // The visit that finished it may have been cut off before the thread record said so.
      await markOutcome(store, request, { erasure: known.erasure, outcome });
      return { outcome, versions: 0, locked: known.erasure.locked.length };
    }
    // Before the tombstone: a thread that is held must not be erased by half.
    if (await isThreadHeld(store, request)) return keep(store, request, known);
    const fenced = await fence(store, request, { known, now: now() });
    const erased = await eraseContent(eraser, request, fenced.erasure);
    const isLast = isAlone || now() - timestampMs(fenced.erasure.started_at ?? '') >= LONGEST_LIFE_MS;
    const erasure = afterVisit(fenced.erasure, erased, isLast ? sqlTimestamp(new Date(now())) : null);
    await writeErasure(store, request, { ...fenced, erasure, requestId: request.requestId });
    const outcome = outcomeOf(erasure);
    await markOutcome(store, request, { erasure, outcome });
    return {
      outcome,
      versions: erased.versions,
      locked: erased.locked.length,
      ...(!isLast && { againAfterSeconds: LONGEST_DELAY_SECONDS }),
    };
  };
}

/** The erasure with what a visit has erased of it. `finishedAt`: null when another visit is to come. */
function afterVisit(
  before: ErasureRecord,
  { objects, versions, locked }: ErasedContent,
  finishedAt: string | null,
): ErasureRecord {
  return {
    ...before,
    finished_at: finishedAt === null ? null : (before.finished_at ?? finishedAt),
    objects: (before.objects ?? 0) + objects,
    versions: before.versions + versions,
    locked: locked.map(({ key, versionId, until }) => ({
      key,
      version_id: versionId,
      until: until === null ? null : sqlTimestamp(until),
    })),
  };
}

/** Whether there is nothing more to do for now: all is erased, or what is left is locked. */
function isOver({ policy, finished_at, locked }: ErasureRecord, now: number): boolean {
  return policy === 'erase' && finished_at !== null && !locked.some((each) => isUnlocked(each, now));
}

function outcomeOf({ finished_at, locked }: ErasureRecord): ErasureOutcome {
  if (finished_at === null) return 'erasing';
  return locked.length > 0 ? 'locked' : 'erased';
}

/** The erasure as it is on record, which it is now at the latest. */
async function putOnRecord(
  store: ObjectStore,
  request: EraseRequest,
  policy: PrivacyDeletion,
): Promise<KnownErasure> {
  const known = await readErasure(store, request);
  // What was only noted under the policy hold is to be erased when it comes under the other one.
  if (known !== undefined && (policy === 'hold' || known.erasure.policy === 'erase')) return known;
  const { requestId } = request;
  return writeErasure(store, request, { erasure: newErasure(request, policy), etag: known?.etag, requestId });
}

/** Leaves everything as it is but for the thread record, which says so. */
async function keep(
  store: ObjectStore,
  request: EraseRequest,
  { erasure }: KnownErasure,
): Promise<EraseOutcome> {
  const { requestId } = request;
  const thread = await readThreadRecord(store, request);
  // What has been erased before the policy was changed, or before there was a hold, stays erased.
  if (typeof thread?.record.erased_at !== 'string' && thread?.record.erasure_outcome !== 'held')
    await writeTombstone(store, request, { known: thread, erasure, outcome: 'held', requestId });
  return { outcome: 'held', versions: 0, locked: 0 };
}

/** Keeps captures out. When it returns, the erasure record lists every day of which there may be a part. */
async function fence(
  store: ObjectStore,
  request: EraseRequest,
  { known, now }: { known: KnownErasure; now: number },
): Promise<KnownErasure> {
  const thread = await readThreadRecord(store, request);
  const isFenced = typeof thread?.record.erased_at === 'string';
  const before = known.erasure;
  if (isFenced && before.started_at !== null) return known;
  const days = new Set([...before.days, ...daysWithParts(thread)]);
  const erasure = {
    ...before,
    started_at: before.started_at ?? sqlTimestamp(new Date(now)),
    days: [...days].sort(),
  };
  const { requestId } = request;
  const written = await writeErasure(store, request, { erasure, etag: known.etag, requestId });
  if (isFenced) return written;
  const tombstone = await writeTombstone(store, request, {
    known: thread,
    erasure,
    outcome: 'erasing',
    requestId,
  });
  const tombstones = [...erasure.tombstones, ...(tombstone === null ? [] : [tombstone])];
  return { ...written, erasure: { ...erasure, tombstones } };
}

/** Has the thread record say how far the erasure has come. */
async function markOutcome(
  store: ObjectStore,
  request: EraseRequest,
  { erasure, outcome }: { erasure: ErasureRecord; outcome: ErasureOutcome },
): Promise<void> {
  const known = await readThreadRecord(store, request);
  if (known?.record.erasure_outcome === outcome) return;
  await writeTombstone(store, request, { known, erasure, outcome, requestId: request.requestId });
}
