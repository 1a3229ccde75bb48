import { type createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type ObjectStore } from '../../functions/archive/store.ts';
import { type ChangeSource } from '../../functions/digest/changes.ts';
import {
  type Change,
  decodeDigest,
  type DigestSigner,
  type DigestStatement,
  isSignedBy,
  keyIdOf,
} from '../../functions/digest/digest.ts';
import { digestKey } from '../../functions/digest/layout.ts';
import { sha256Hex } from '../../functions/sha256.ts';

/** A change of an object that nobody looks at. */
export function changeOf(key: string, change: Partial<Change> = {}): Change {
  return {
    event: 'written',
    key,
    version_id: null,
    sha256: sha256Hex(Buffer.from(key)),
    bytes: 1,
    fetch_started_at: '2026-02-02 12:00:00.000',
    request_id: 'writer',
    at: '2026-02-02 12:00:01.000',
    ...change,
  };
}

/** A key that signs, and its public half. */
export function testSigner(): DigestSigner & { publicKey: ReturnType<typeof createPublicKey> } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicKey,
    sign: (text) => Promise.resolve(sign('sha256', text, privateKey)),
  };
}

/** Changes that wait as messages on a queue do: what is taken and not acknowledged comes again after `giveBack`. */
export function waitingChanges(): ChangeSource & {
  add: (...changes: Change[]) => void;
  giveBack: () => void;
} {
  const waiting: Change[] = [];
  let taken: Change[] = [];
  return {
    add: (...changes) => void waiting.push(...changes),
    giveBack: () => {
      waiting.unshift(...taken);
      taken = [];
    },
    take: (limit) => {
      const changes = waiting.splice(0, limit);
      taken.push(...changes);
      const acknowledge = () => {
        taken = taken.filter((change) => !changes.includes(change));
        return Promise.resolve();
      };
      return Promise.resolve({ changes, more: waiting.length > 0, acknowledge });
    },
  };
}

/** Reads the chain to its end, and throws unless each digest is signed, in its place, and names the one before it. */
export async function readWholeChain(
  store: Pick<ObjectStore, 'get'>,
  { publicKey }: Pick<ReturnType<typeof testSigner>, 'publicKey'>,
): Promise<DigestStatement[]> {
  const statements: DigestStatement[] = [];
  let previous: string | null = null;
  for (;;) {
    const object = await store.get(digestKey(statements.length));
    if (object === undefined) return statements;
    const digest = decodeDigest(object.body);
    const isRight =
      digest !== undefined &&
      isSignedBy(digest, publicKey) &&
      digest.statement.sequence === statements.length &&
      digest.statement.previous_sha256 === previous &&
      digest.statement.written_at >= (statements.at(-1)?.written_at ?? '');
    if (!isRight) throw new Error(`digest ${statements.length} breaks the chain`);
    statements.push(digest.statement);
    previous = sha256Hex(object.body);
  }
}
