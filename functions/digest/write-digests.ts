import { type ObjectStore } from '../archive/store.ts';
import { sqlTimestamp } from '../archive/timestamp.ts';
import { ConflictError } from '../errors.ts';
import { sha256Hex } from '../sha256.ts';
import { type ChangeSource } from './changes.ts';
import {
  type Change,
  CHANGES_PER_DIGEST,
  decodeDigest,
  DIGEST_FORMAT,
  type DigestSigner,
  encodeDigest,
} from './digest.ts';
import { digestKey, publicKeyKey } from './layout.ts';

/** What writing digests works with. */
export type DigestDeps = {
  store: Pick<ObjectStore, 'get' | 'put' | 'describe'>;
  source: ChangeSource;
  signer: DigestSigner;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** What a run has written. `head`: the newest digest that it knows of. */
export type DigestRun = { digests: number; changes: number; head: ChainHead };
/** A digest's place in the chain, and the SHA-256 of its bytes in hex. */
export type ChainHead = { sequence: number; sha256: string };

/** A run's circumstances. */
export type DigestRequest = {
  requestId: string;
  /** Whether there is time for one more digest. */
  hasTime: () => boolean;
};

/**
 * Writes digests of all that has changed since the newest one: at least one, an empty one when nothing has. Changes are
 * acknowledged when a digest lists them, so a run that is cut off anywhere loses none; at worst some are listed twice. Each
 * digest is put where there is none, so two runs at once make one chain: the one that comes second goes on after the first.
 * @throws what the store, the source and the signer throw
 */
export function createWriteDigests(deps: DigestDeps): (request: DigestRequest) => Promise<DigestRun> {
  // Where the last run of this process left off: a place to begin looking for the newest digest, and no more.
  let lastSequence = 0;

  return async ({ requestId, hasTime }) => {
    let head = await findHead(deps.store, lastSequence);
    let digests = 0;
    let changes = 0;
    await publishKey(deps, requestId);
    for (;;) {
      const taken = await deps.source.take(CHANGES_PER_DIGEST);
      // The first one is written also when it is empty: that there was nothing is to be proved too.
      if (digests > 0 && taken.changes.length === 0) break;
      head = await append(deps, head, { changes: taken.changes, requestId });
      lastSequence = head.sequence;
      await taken.acknowledge();
      digests++;
      changes += taken.changes.length;
      if (!taken.more || !hasTime()) break;
    }
    if (head === undefined) throw new TypeError('a run without a digest');
    return { digests, changes, head: { sequence: head.sequence, sha256: head.sha256 } };
  };
}

type KnownHead = ChainHead & { writtenAt: string };

/** Puts a digest behind the newest one there is, whoever else does so at the moment. */
async function append(
  { store, signer, now }: DigestDeps,
  known: KnownHead | undefined,
  { changes, requestId }: { changes: Change[]; requestId: string },
): Promise<KnownHead> {
  for (let previous = known; ;) {
    const sequence = previous === undefined ? 0 : previous.sequence + 1;
    const time = sqlTimestamp(new Date(now()));
    const writtenAt = previous !== undefined && previous.writtenAt > time ? previous.writtenAt : time;
    const statement = {
      format: DIGEST_FORMAT,
      sequence,
      written_at: writtenAt,
      written_by: requestId,
      previous_sha256: previous?.sha256 ?? null,
      key_id: signer.keyId,
      changes,
    } as const;
    const body = await encodeDigest(statement, signer.sign);
    const sha256 = sha256Hex(body);
    try {
      await store.put({
        key: digestKey(sequence),
        body,
        contentType: 'application/json',
        condition: { absent: true },
        sha256,
        metadata: { 'request-id': requestId, sha256 },
      });
      return { sequence, sha256, writtenAt };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const there = await readHead(store, sequence);
      // The answer to our own write was lost, and the write repeated.
      if (there?.sha256 === sha256) return there;
      // Without one there, another write is under way: the same place is tried again.
      if (there !== undefined) previous = there;
    }
  }
}

/**
 * The newest digest; undefined when there is none. The chain has no holes, so a few looks find its end: doubling steps
 * from where to begin, then halving ones.
 */
async function findHead(store: DigestDeps['store'], from: number): Promise<KnownHead | undefined> {
  const exists = async (sequence: number) => (await store.describe(digestKey(sequence))) !== undefined;
  let low = from;
  if (!(await exists(low))) {
    if (low === 0 || !(await exists(0))) return undefined;
    low = 0;
  }
  let step = 1;
  while (await exists(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return readHead(store, low);
}

async function readHead(store: DigestDeps['store'], sequence: number): Promise<KnownHead | undefined> {
  const object = await store.get(digestKey(sequence));
  if (object === undefined) return undefined;
  // A digest that somebody has damaged is no reason to stop: the next one names it as it stands, and verifying says so.
  const writtenAt = decodeDigest(object.body)?.statement.written_at ?? '';
  return { sequence, sha256: sha256Hex(object.body), writtenAt };
}

async function publishKey({ store, signer }: DigestDeps, requestId: string): Promise<void> {
  const key = publicKeyKey(signer.keyId);
  if ((await store.describe(key)) !== undefined) return;
  const body = Buffer.from(signer.publicKeyPem);
  const sha256 = sha256Hex(body);
  const metadata = { 'request-id': requestId, sha256 };
  const request = { key, body, contentType: 'application/x-pem-file', sha256, metadata } as const;
  await store.put({ ...request, condition: { absent: true } }).catch((error: unknown) => {
    if (!(error instanceof ConflictError)) throw error;
  });
}
