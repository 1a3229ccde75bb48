import pMap from 'p-map';
import { type Sources } from '../hubspot/sources.ts';
import { type ThreadId } from '../thread-id.ts';
import { createFind, type Found } from './finder.ts';
import { type Gap, gapAfter, gapKey, isDue, isNotYet, promised } from './gaps.ts';
import { fillIn, type Finds, type FindsOfMessage, type Need, needsOf } from './needs.ts';
import { type PartRow } from './part.ts';
import { type Provenance } from './parts.ts';
import { type ObjectStore } from './store.ts';

/** What an enrichment did, as far as it is done with. */
export type EnrichmentCounts = {
  originals: number;
  files: number;
  /** Of these files. */
  bytes: number;
  /** Originals and files given up for now. */
  gaps: number;
  /** Those of them that need a scope that the access token does not have. */
  missingScopes: number;
};

/** Remembers what was found, so that a change that runs again after a conflict makes no call again. */
export type Memory = Map<string, Found>;

/** Rows, whether they are others than before, and what they still lack. */
export type Enriched = { rows: readonly PartRow[]; changed: boolean; gaps: Gap[] };

/** Fills in what a listing leaves out, during one capture. */
export type Enrichment = {
  /**
   * The rows of a day with what could be had of what they lack, and the gaps that are left. For rows that lack nothing it
   * does nothing. Never throws: what it cannot have, it notes.
   */
  enrich: (dt: string, rows: readonly PartRow[], memory: Memory) => Promise<Enriched>;
  /** Whether one more thing may be begun. When not, what is promised is left to the next capture. */
  mayBegin: (options: { isPromised: boolean }) => boolean;
  counts: EnrichmentCounts;
  /** The first failure of the moment: trouble of HubSpot's, of the store or of this machine. */
  failure: Error | undefined;
  /** Whether anything that is promised was not begun for want of time. */
  isShortOfTime: boolean;
};

/** The capture that it is for. */
export type EnrichmentSubject = ThreadId &
  Provenance & {
    hasTime: (ms?: number) => boolean;
    /** Gaps that the record lists. */
    known: readonly Gap[];
    /** Whether one thing may be begun without time, because the capture makes no other progress. */
    mustProgress: boolean;
  };

const CONCURRENT_NEEDS = 4;
// The largest file that can be configured takes half a minute at the speed of a Lambda of this size; that it may take four
// times as long is for slow hosts. With less time left than that, there is still enough for the usual file.
const LONG_LIMIT_MS = 120_000;
const SHORT_LIMIT_MS = 20_000;
const TIME_FOR_LONG_MS = LONG_LIMIT_MS + 30_000;

/** An enrichment that has done nothing so far. */
export function createEnrichment(
  deps: { store: ObjectStore; sources: Sources },
  subject: EnrichmentSubject,
): Enrichment {
  const { hasTime, fetchStartedAt: now, known, mustProgress } = subject;
  const find = createFind(deps, subject);
  const withFiles = deps.sources.files !== undefined;
  const before = new Map(known.map((gap) => [gapKey(gap), gap]));
  const noted = new Map<string, Gap>();
  const counts = { originals: 0, files: 0, bytes: 0, gaps: 0, missingScopes: 0 };
  const enrichment: Enrichment = { enrich, mayBegin, counts, failure: undefined, isShortOfTime: false };
  let begun = 0;

  async function enrich(dt: string, rows: readonly PartRow[], memory: Memory): Promise<Enriched> {
    const needs = needsOf(rows, { withFiles });
    if (needs.length === 0) return { rows, changed: false, gaps: [] };
    const results = await pMap(needs, (need) => obtain(dt, need, memory), { concurrency: CONCURRENT_NEEDS });
    const gaps = results.filter((result) => 'reason' in result);
    const found = results.filter((result) => 'need' in result);
    return { rows: fillIn(rows, gather(found)), changed: found.length > 0, gaps };
  }

  async function obtain(dt: string, need: Need, memory: Memory): Promise<Found | Gap> {
    const key = memoryKey(need);
    const id = { dt, kind: need.kind, message_id: need.messageId, file_id: need.fileId };
    const earlier = before.get(gapKey(id));
    const isSettled = earlier !== undefined && !isDue(earlier, now);
    const settled = memory.get(key) ?? noted.get(gapKey(id)) ?? (isSettled ? earlier : undefined);
    if (settled !== undefined) return settled;
    const isPromised = earlier === undefined || isNotYet(earlier);
    const result = await attempt(need, isPromised);
    if (result === undefined) return isPromised ? note(promised(id, earlier, now)) : earlier;
    if ('error' in result) return fail(gapAfter(result.error, id, earlier, now), result.error);
    memory.set(key, result);
    count(result);
    return result;
  }

  /** Undefined when it was not begun for want of time. */
  async function attempt(need: Need, isPromised: boolean): Promise<Found | { error: unknown } | undefined> {
    if (!mayBegin({ isPromised })) return undefined;
    const isFirst = begun++ === 0;
    const limitMs = () => {
      if (hasTime(TIME_FOR_LONG_MS)) return LONG_LIMIT_MS;
      return (isFirst && mustProgress) || mayBegin({ isPromised }) ? SHORT_LIMIT_MS : undefined;
    };
    try {
      return await find(need, limitMs);
    } catch (error) {
      return { error };
    }
  }

  function mayBegin({ isPromised }: { isPromised: boolean }): boolean {
    if ((mustProgress && begun === 0) || hasTime()) return true;
    enrichment.isShortOfTime ||= isPromised;
    return false;
  }

  function note(gap: Gap): Gap {
    noted.set(gapKey(gap), gap);
    return gap;
  }

  function fail(gap: Gap, error: unknown): Gap {
    if (isNotYet(gap)) enrichment.failure ??= error instanceof Error ? error : new Error('unknown error');
    else {
      counts.gaps++;
      if (gap.reason === 'missing scope') counts.missingScopes++;
    }
    return note(gap);
  }

  function count(found: Found): void {
    if (!found.isNew) return;
    if ('original' in found) counts.originals++;
    else {
      counts.files++;
      counts.bytes += found.file.bytes;
    }
  }

  return enrichment;
}

// A message may be edited between two reads of its part: then it needs another original.
function memoryKey(need: Need): string {
  return JSON.stringify([need.kind, need.messageId, need.fileId, need.kind === 'original' ? need.of : '']);
}

function gather(found: readonly Found[]): Finds {
  const finds: Finds = new Map();
  for (const each of found) {
    const { messageId, fileId } = each.need;
    const ofMessage: FindsOfMessage = finds.get(messageId) ?? { files: new Map() };
    finds.set(messageId, ofMessage);
    if ('original' in each) ofMessage.original = each.original;
    else ofMessage.files.set(fileId ?? '', each.file);
  }
  return finds;
}
