import { type KeyObject, verify } from 'node:crypto';
import * as z from 'zod/mini';
import { sha256Hex } from '../sha256.ts';

/** What happened to one version of an object, as a digest lists it. Times are UTC, as {@link sqlTimestamp} writes them. */
export const changeSchema = z.strictObject({
  /**
   * `written`; `erased`: deleted for good; `expired`: the same, by a lifecycle rule of the bucket; `hidden`: a delete marker was
   * put over the key, and `version_id` is the marker's.
   */
  event: z.enum(['written', 'erased', 'expired', 'hidden']),
  key: z.string(),
  /** Null in a folder, which has no versions. */
  version_id: z.nullable(z.string()),
  /** Of the content, in hex. Null unless it was written, and when it was gone before a digest could list it. */
  sha256: z.nullable(z.string()),
  bytes: z.nullable(z.int()),
  /** When the fetch began that it was written from. Null when the object does not say. */
  fetch_started_at: z.nullable(z.string()),
  /** Of the invocation that wrote it. Null when the object does not say. */
  request_id: z.nullable(z.string()),
  at: z.string(),
});
/** What happened to one version of an object. */
export type Change = z.infer<typeof changeSchema>;

/** A digest lists about so many changes at most, some 4 MB; the others come in the next. */
export const CHANGES_PER_DIGEST = 10_000;

/** What a digest is called, so that nothing else that the key may sign is taken for one. */
export const DIGEST_FORMAT = 'threadvault-digest-1';

export const statementSchema = z.strictObject({
  format: z.literal(DIGEST_FORMAT),
  /** 0 for the first; each has one more than the one before. */
  sequence: z.int().check(z.nonnegative()),
  /** Never before that of the digest before. */
  written_at: z.string(),
  /** The request id of the run. */
  written_by: z.string(),
  /** Of all bytes of the digest before, in hex; null in the first. */
  previous_sha256: z.nullable(z.string()),
  /** Which key signs: the SHA-256 of its public half in DER, in hex. */
  key_id: z.string(),
  /** In no particular order between objects; of one object, in the order in which they happened. */
  changes: z.array(changeSchema),
});
/** What a digest says. */
export type DigestStatement = z.infer<typeof statementSchema>;

const envelopeSchema = z.strictObject({ signed: z.string(), signature: z.string() });
/** A digest as it is stored: the text that is signed, and its signature. */
export type Digest = z.infer<typeof envelopeSchema>;

/** Signs texts. */
export type DigestSigner = {
  keyId: string;
  /** The public half, in PEM. */
  publicKeyPem: string;
  /** ECDSA over P-256 with SHA-256, DER-encoded. */
  sign: (text: Buffer) => Promise<Buffer>;
};

/** The bytes of a digest. Signing is the one thing that may differ from one time to the next. */
export async function encodeDigest(statement: DigestStatement, sign: DigestSigner['sign']): Promise<Buffer> {
  const signed = JSON.stringify(statement);
  const signature = await sign(Buffer.from(signed));
  return encodeEnvelope({ signed, signature: signature.toString('base64') });
}

function encodeEnvelope({ signed, signature }: Digest): Buffer {
  return Buffer.from(`${JSON.stringify({ signed, signature })}\n`);
}

/**
 * A digest, taken apart: what it says, unchecked, and its signature. Undefined when the bytes are not exactly what
 * {@link encodeDigest} makes: what is not signed of a digest, such as a blank, cannot be changed either.
 */
export function decodeDigest(bytes: Buffer): (Digest & { statement: DigestStatement }) | undefined {
  try {
    const digest = z.parse(envelopeSchema, JSON.parse(bytes.toString('utf8')));
    const isCanonical =
      encodeEnvelope(digest).equals(bytes) &&
      Buffer.from(digest.signature, 'base64').toString('base64') === digest.signature;
    if (!isCanonical) return undefined;
    return { ...digest, statement: z.parse(statementSchema, JSON.parse(digest.signed)) };
  } catch {
    return undefined;
  }
}

/** Whether the signature of a digest is of that key. */
export function isSignedBy({ signed, signature }: Digest, publicKey: KeyObject): boolean {
  return verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'));
}

/** What a public key is called: the SHA-256 of its DER form, in hex. */
export function keyIdOf(publicKey: KeyObject): string {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' }));
}
