import { type SourceObject } from './source.ts';

/** What covers objects of the archive beyond their own checksums, as the manifest lists it. */
export type CoveringDigest = {
  /** Key of the digest in the archive. */
  key: string;
  /** SHA-256 of its bytes, in hex. */
  sha256: string;
  /** Keys of the exported objects that it lists, with the version and SHA-256 that were read. */
  covers: string[];
};

/**
 * Finds the digests that list objects of the archive. Undefined stands for an archive that has none.
 * @param objects every object that the export has read, each once, in the order of their keys
 */
export type FindCoveringDigests = (objects: readonly SourceObject[]) => Promise<CoveringDigest[]>;
