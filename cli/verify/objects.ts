import { threadOfKey } from '../../functions/archive/layout.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { forEachConcurrently } from '../../functions/concurrency.ts';
import { isEvidence } from '../../functions/digest/layout.ts';
import { readErasure } from '../../functions/erase/erasure-record.ts';
import { CorruptArchiveError } from '../../functions/errors.ts';
import { threadIdText } from '../../functions/thread-id.ts';
import { type Content, type Evidence, type EvidenceVersion } from './evidence.ts';
import { type ListedVersion, type Notes, STATES } from './notes.ts';

/** Takes down what the next digest will list, as far as it can be seen. */
export async function readWaiting(evidence: Evidence, notes: Notes): Promise<void> {
  for await (const change of evidence.pending()) notes.wait(change);
}

/**
 * Looks at every version that is there. What is as a digest lists it is marked; anything else is noted as suspect, because the
 * archive may be changing meanwhile. What an earlier run with these notes has marked is not read again.
 */
export async function lookAtObjects(
  evidence: Evidence,
  notes: Notes,
  { signal, onObject }: { signal: AbortSignal; onObject: () => void },
): Promise<void> {
  await forEachConcurrently(evidence.listVersions(''), evidence.concurrency, async (version) => {
    signal.throwIfAborted();
    if (!isEvidence(version.key)) return;
    onObject();
    const listed = notes.find(version.key, version.versionId);
    if (listed?.state === STATES.unchanged) return;
    if (await isAsListed(evidence, version, listed))
      notes.mark(version.key, version.versionId ?? '', STATES.unchanged);
    else notes.suspect(version);
  });
}

async function isAsListed(
  evidence: Evidence,
  version: EvidenceVersion,
  listed: ListedVersion | undefined,
): Promise<boolean> {
  if (listed === undefined || version.isDeleteMarker) return false;
  // A key of a folder that was erased and is there again.
  if (listed.gone_at !== null && version.versionId === null) return false;
  return isSame(await evidence.contentOf(version), listed);
}

function isSame(content: Content | undefined, { sha256, bytes }: ListedVersion): boolean {
  return content?.sha256 === sha256 && content.bytes === bytes;
}

/**
 * Says of each suspect what it is, and of what is listed and was not seen what has become of it. By now the digests and the
 * changes that came since the beginning must be in the notes.
 */
export async function judge(evidence: Evidence, notes: Notes): Promise<void> {
  for (const suspect of notes.suspects()) await judgeSuspect(evidence, notes, suspect);
  const isErased = createErasureLookup(evidence);
  for (const listed of notes.unseen()) await judgeUnseen(evidence, notes, { listed, isErased });
  notes.commit();
}

async function judgeSuspect(evidence: Evidence, notes: Notes, version: EvidenceVersion): Promise<void> {
  const { key, versionId, isDeleteMarker } = version;
  const listed = notes.find(key, versionId);
  const lastDigest = timestampMs(notes.fact('last digest') ?? '1970-01-01 00:00:00.000');
  if (isDeleteMarker) {
    const detail = `a delete marker lies over it${listed === undefined ? '' : `, listed by digest ${listed.sequence}`}`;
    notes.report({ kind: 'hidden', key, versionId, detail });
    if (listed !== undefined) notes.mark(key, versionId ?? '', STATES.different);
    return;
  }
  const content = await evidence.contentOf(version);
  // Gone since it was seen: what is listed of it is among the unseen.
  if (content === undefined) return;
  const isThere = listed !== undefined && (listed.gone_at === null || versionId !== null);
  if (isThere && isSame(content, listed)) {
    notes.mark(key, versionId ?? '', STATES.unchanged);
  } else if (
    notes.isWaiting(key, content.sha256) ||
    (!isThere && evidence.mayWait(version.modifiedAt, lastDigest))
  ) {
    if (listed === undefined) notes.addWaiting(key, versionId);
    else notes.mark(key, versionId ?? '', STATES.waiting);
  } else if (isThere) {
    const detail = `digest ${listed.sequence} lists ${describe(listed)}; there are ${describe(content)}`;
    notes.report({ kind: 'altered', key, versionId, detail });
    notes.mark(key, versionId ?? '', STATES.different);
  } else {
    const detail =
      listed === undefined ? 'no digest lists it' : `erased at ${listed.gone_at ?? ''}, and there again`;
    notes.report({ kind: 'unlisted', key, versionId, detail });
    if (listed !== undefined) notes.mark(key, versionId ?? '', STATES.different);
  }
}

function describe({ sha256, bytes }: { sha256: string | null; bytes: number | null }): string {
  return `${bytes ?? 0} bytes with SHA-256 ${sha256?.slice(0, 16) ?? 'unknown'}…`;
}

async function judgeUnseen(
  evidence: Evidence,
  notes: Notes,
  { listed, isErased }: { listed: ListedVersion; isErased: (key: string) => Promise<boolean> },
): Promise<void> {
  const { key, version, gone_at: goneAt, sequence } = listed;
  const content = goneAt === null ? await evidence.contentOf({ key, versionId: version || null }) : undefined;
  if (isSame(content, listed)) notes.mark(key, version, STATES.unchanged);
  else if (listed.event === 'hidden') notes.mark(key, version, STATES.erased);
  else if (content === undefined && listed.gone_by === 'expired') notes.mark(key, version, STATES.expired);
  else if (content === undefined && (await isErased(key))) notes.mark(key, version, STATES.erased);
  else if (notes.isWaiting(key, content?.sha256)) notes.mark(key, version, STATES.waiting);
  else {
    const kind = content === undefined ? 'missing' : 'altered';
    const when = goneAt === null ? '' : `, and its deletion at ${goneAt}, of which no erasure is on record`;
    notes.report({ kind, key, versionId: version || null, detail: `digest ${sequence} lists it${when}` });
    notes.mark(key, version, STATES.different);
  }
}

const REMEMBERED_ERASURES = 10_000;

/** Whether the content of a key was erased by request: the erasure of its thread is on record, and has begun. */
function createErasureLookup(evidence: Evidence): (key: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  const get = async (key: string) => {
    const body = await evidence.read(key);
    return body && { body, etag: '', versionId: null };
  };
  return async (key) => {
    const thread = threadOfKey(key);
    if (thread === undefined) return false;
    const name = threadIdText(thread);
    let isErased = known.get(name);
    if (isErased === undefined) {
      const erasure = await readErasure({ get }, thread).catch(ignoreCorrupt);
      isErased = erasure?.erasure.policy === 'erase' && erasure.erasure.started_at !== null;
      if (known.size >= REMEMBERED_ERASURES) known.clear();
      known.set(name, isErased);
    }
    return isErased;
  };
}

/** A record that cannot be read excuses nothing; that it is altered is said of it by itself. */
function ignoreCorrupt(error: unknown): undefined {
  if (!(error instanceof CorruptArchiveError)) throw error;
  return undefined;
}
