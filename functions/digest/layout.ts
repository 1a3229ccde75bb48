/**
 * Where the digests are in the archive, and the public keys that they are checked with.
 */
import { DIGESTS_PREFIX, segment } from '../archive/layout.ts';

/** Key prefix of the public keys that digests are checked with. */
export const PUBLIC_KEYS_PREFIX = `${DIGESTS_PREFIX}keys/`;

// A digest an hour, and more in busy ones, for ten thousand years.
const SEQUENCE_DIGITS = 12;

/** Key of a digest, e.g. `digests/000000000042.json`: in the order of keys they are in their own. */
export function digestKey(sequence: number): string {
  return `${DIGESTS_PREFIX}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.json`;
}

const DIGEST_KEY = /^digests\/(\d{12})\.json$/;

/** The sequence number of the digest that a key names, or undefined when it is another key. */
export function parseDigestKey(key: string): number | undefined {
  const digits = DIGEST_KEY.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Key of a public key in PEM, by the SHA-256 of its DER form in hex. */
export function publicKeyKey(keyId: string): string {
  return `${PUBLIC_KEYS_PREFIX}${segment(keyId)}.pem`;
}

/** Whether the digests list what is written under a key: all but themselves. */
export function isEvidence(key: string): boolean {
  return !key.startsWith(DIGESTS_PREFIX);
}
