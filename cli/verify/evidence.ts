import { type Change } from '../../functions/digest/digest.ts';
import { type ChainHead } from '../../functions/digest/write-digests.ts';

/** One version of an object, as it is listed; in a folder, the object. */
export type EvidenceVersion = {
  key: string;
  versionId: string | null;
  /** Milliseconds since 1970; null where it says nothing. */
  modifiedAt: number | null;
  isDeleteMarker: boolean;
};

/** What a version holds: the SHA-256 in hex. */
export type Content = { sha256: string; bytes: number };

/** An archive as verifying sees it: what is there, and nothing of what anybody says of it. */
export type Evidence = {
  /** The versions below a prefix, delete markers too. */
  listVersions: (prefix: string) => AsyncIterable<EvidenceVersion>;
  /** What a version holds; undefined when it is gone. */
  contentOf: (version: Pick<EvidenceVersion, 'key' | 'versionId'>) => Promise<Content | undefined>;
  /** How many of them may be asked for at a time. */
  concurrency: number;
  /** The bytes of an object as it stands; undefined when there is none. */
  read: (key: string) => Promise<Buffer | undefined>;
  /** Changes that the next digest will list, where they can be seen. */
  pending: () => AsyncIterable<Change>;
  /** The newest digest that is noted outside the chain, where one is. */
  newestNoted: () => Promise<ChainHead | undefined>;
  /** Whether what was changed then may be still waiting for the digest after one written then; milliseconds since 1970. */
  mayWait: (modifiedAt: number | null, digestWrittenAt: number) => boolean;
};
