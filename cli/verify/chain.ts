import { type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { DIGESTS_PREFIX } from '../../functions/archive/layout.ts';
import { timestampMs } from '../../functions/archive/timestamp.ts';
import { decodeDigest, isSignedBy } from '../../functions/digest/digest.ts';
import { digestKey, PUBLIC_KEYS_PREFIX, parseDigestKey } from '../../functions/digest/layout.ts';
import { sha256Hex } from '../../functions/sha256.ts';
import { type Evidence } from './evidence.ts';
import { type Notes } from './notes.ts';

/** Public keys by what digests call them. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/** What is asked of the chain. */
export type ChainRules = {
  keys: TrustedKeys;
  /** The longest time without a digest, in milliseconds. */
  maxGapMs: number;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** How far the chain has been read: the next digest's number, and what is known of the one before it. */
const placeSchema = z.object({
  next: z.number(),
  previousSha256: z.string().optional(),
  previousAt: z.string().optional(),
});
type ChainPlace = z.infer<typeof placeSchema>;

/**
 * Reads the digests in their order from where the notes say, and takes down what they list. Differences: a digest that is not
 * there, that no trusted key has signed as it is, that is not the one for its place, that does not name the one before it, or
 * that comes too late. What a digest lists is believed when its signature is right, wherever it lies.
 */
export async function readChain(
  evidence: Evidence,
  notes: Notes,
  { rules, onDigest }: { rules: ChainRules; onDigest: () => void | Promise<void> },
): Promise<void> {
  const end = await findEnd(evidence, notes);
  let place = readPlace(notes);
  for (; place.next <= end;) {
    const bytes = await evidence.read(digestKey(place.next));
    place = bytes === undefined ? reportMissing(notes, place) : takeDigest(notes, { bytes, place, rules });
    notes.remember('chain', JSON.stringify(place));
    await onDigest();
  }
  notes.commit();
}

/** The last digest that is there or was noted; whatever else lies beside the digests is a difference. */
async function findEnd(evidence: Evidence, notes: Notes): Promise<number> {
  let end = -1;
  for await (const { key, versionId, isDeleteMarker } of evidence.listVersions(DIGESTS_PREFIX)) {
    const sequence = parseDigestKey(key);
    if (isDeleteMarker)
      notes.report({ kind: 'hidden', key, versionId, detail: 'a delete marker lies over it' });
    if (sequence !== undefined) end = Math.max(end, sequence);
    else if (!key.startsWith(PUBLIC_KEYS_PREFIX))
      notes.report({ kind: 'unlisted', key, versionId, detail: 'no digest, nor a public key' });
  }
  const noted = await evidence.newestNoted();
  if (noted === undefined) return end;
  const bytes = await evidence.read(digestKey(noted.sequence));
  if (bytes !== undefined && sha256Hex(bytes) !== noted.sha256) {
    const detail = `digest ${noted.sequence} is not the one that was noted when it was written`;
    notes.report({ kind: 'broken chain', key: digestKey(noted.sequence), versionId: null, detail });
  }
  return Math.max(end, noted.sequence);
}

function readPlace(notes: Notes): ChainPlace {
  return placeSchema.parse(JSON.parse(notes.fact('chain') ?? '{"next": 0}'));
}

function reportMissing(notes: Notes, { next, previousAt }: ChainPlace): ChainPlace {
  const key = digestKey(next);
  notes.report({ kind: 'broken chain', key, versionId: null, detail: `digest ${next} is missing` });
  return { next: next + 1, ...(previousAt !== undefined && { previousAt }) };
}

function takeDigest(
  notes: Notes,
  { bytes, place, rules }: { bytes: Buffer; place: ChainPlace; rules: ChainRules },
): ChainPlace {
  const { next, previousSha256, previousAt } = place;
  const key = digestKey(next);
  const report = (kind: 'broken chain' | 'bad signature' | 'gap in time', detail: string) => {
    notes.report({ kind, key, versionId: null, detail });
  };
  const after = {
    next: next + 1,
    previousSha256: sha256Hex(bytes),
    ...(previousAt !== undefined && { previousAt }),
  };
  const digest = decodeDigest(bytes);
  if (digest === undefined) {
    report('bad signature', `digest ${next} is not what a digest looks like`);
    return after;
  }
  const { statement } = digest;
  const trusted = rules.keys.get(statement.key_id);
  if (trusted === undefined) {
    report('bad signature', `digest ${next} is signed with key ${statement.key_id}, which is not trusted`);
    return after;
  }
  if (!isSignedBy(digest, trusted)) {
    report('bad signature', `digest ${next} was not signed as it is`);
    return after;
  }
  for (const change of statement.changes) notes.list(change, statement.sequence);
  if (statement.sequence !== next) {
    report('broken chain', `digest ${statement.sequence} lies where digest ${next} should be`);
    return after;
  }
  if (next === 0 ? statement.previous_sha256 !== null : isOther(statement.previous_sha256, previousSha256))
    report('broken chain', `digest ${next} does not name digest ${next - 1} as it is`);
  const writtenAt = timestampMs(statement.written_at);
  if (previousAt !== undefined && writtenAt - timestampMs(previousAt) > rules.maxGapMs)
    report('gap in time', `no digest from ${previousAt} to ${statement.written_at}`);
  notes.remember('last digest', statement.written_at);
  if (previousAt === undefined) notes.remember('first digest', statement.written_at);
  return { ...after, previousAt: statement.written_at };
}

function isOther(named: string | null, previous: string | undefined): boolean {
  return previous !== undefined && named !== previous;
}

/** Says when the newest digest is older than it should be. */
export function checkNewest(notes: Notes, { maxGapMs, now }: ChainRules): void {
  const { next, previousAt } = readPlace(notes);
  if (next === 0) {
    const detail = 'there is no digest; npm run digest writes one';
    notes.report({ kind: 'broken chain', key: DIGESTS_PREFIX, versionId: null, detail });
  } else if (previousAt !== undefined && now() - timestampMs(previousAt) > maxGapMs) {
    const detail = `no digest since ${previousAt}`;
    notes.report({ kind: 'gap in time', key: digestKey(next - 1), versionId: null, detail });
  }
}

/** The chain as it was read: how many digests, and the SHA-256 of the newest. */
export function describeChain(notes: Notes) {
  const { next, previousSha256 } = readPlace(notes);
  return {
    digests: next,
    newestSha256: previousSha256,
    from: notes.fact('first digest'),
    to: notes.fact('last digest'),
  };
}
