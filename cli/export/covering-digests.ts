import { DIGESTS_PREFIX } from '../../functions/archive/layout.ts';
import { decodeDigest } from '../../functions/digest/digest.ts';
import { parseDigestKey } from '../../functions/digest/layout.ts';
import { sha256Hex } from '../../functions/sha256.ts';
import { type ExportSource, type SourceObject } from './source.ts';

/** A digest of the archive that lists exported objects, as the manifest has it. */
export type CoveringDigest = {
  /** Key of the digest in the archive. */
  key: string;
  /** SHA-256 of its bytes, in hex. */
  sha256: string;
  /** Keys of the exported objects that it lists, with the version and SHA-256 that were read. */
  covers: string[];
};

/**
 * The digests that list what was read, in their order; undefined for an archive that has none. Each object is looked for as
 * it was read: a digest of another version of it does not cover it. Reads every digest of the archive, one at a time. Whether
 * the digests themselves are true is for `npm run verify` to say: their signatures are not looked at.
 * @throws what the source throws
 */
export async function findCoveringDigests(
  source: Pick<ExportSource, 'get' | 'list'>,
  objects: readonly SourceObject[],
): Promise<CoveringDigest[] | undefined> {
  const wanted = new Map(objects.map((object) => [nameOf(object), object.key]));
  const keys: string[] = [];
  for await (const key of source.list(DIGESTS_PREFIX)) if (parseDigestKey(key) !== undefined) keys.push(key);
  if (keys.length === 0) return undefined;
  const digests: CoveringDigest[] = [];
  for (const key of keys.sort()) {
    const body = (await source.get(key))?.body;
    const changes = (body && decodeDigest(body))?.statement.changes ?? [];
    const covers = new Set(changes.flatMap((change) => wanted.get(nameOf(change)) ?? []));
    if (body !== undefined && covers.size > 0)
      digests.push({ key, sha256: sha256Hex(body), covers: [...covers].sort() });
  }
  return digests;
}

function nameOf(object: { key: string; version_id: string | null; sha256: string | null }): string {
  return JSON.stringify([object.key, object.version_id, object.sha256]);
}
