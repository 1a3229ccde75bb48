/**
 * What the archive asks of wherever it lives. Two homes keep this promise: a bucket (s3-store.ts) and a folder
 * (local/folder-store.ts); test/contract/object-store.ts holds both to it.
 */

/** An object as it stands. `etag` is opaque and changes with the content; `versionId` is null where there are none. */
export type StoredObject = { body: Buffer; etag: string; versionId: string | null };

/** Write only over what was read: nothing, or the object with that etag. */
export type WriteCondition = { absent: true } | { etag: string };

/** One object to be written. */
export type PutRequest = {
  key: string;
  body: Buffer;
  contentType: string;
  /** SHA-256 of the body in hex; a store that can check it on arrival does. */
  sha256: string;
  /** Who wrote it and why, for auditors. Kept where the home has a place for it. */
  metadata: Readonly<Record<string, string>>;
  /** Written under a legal hold, where the home has such locks. Default: without one. */
  legalHold?: boolean;
  condition: WriteCondition;
};

/** One object to be written from a file, where there is none yet. */
export type PutFileRequest = Omit<PutRequest, 'body' | 'condition'> & {
  /** The file, which nobody changes meanwhile. */
  path: string;
  bytes: number;
};

/** The length of an object and the SHA-256 it was written with, in hex; null when the object does not say. */
export type ObjectDescription = { bytes: number; sha256: string | null };

/** What identifies the content that was written. */
export type WrittenObject = Pick<StoredObject, 'etag' | 'versionId'>;

/**
 * Objects by key. Reads see the last completed write; writes are atomic: another reader sees the old or the new. Each call
 * throws StoreError when the home does not do as asked for reasons of its own.
 */
export type ObjectStore = {
  /** The object, or undefined when there is none. */
  get: (key: string) => Promise<StoredObject | undefined>;
  /**
   * Writes if, and only if, the condition holds at that moment.
   * @throws ConflictError when it does not; nothing is changed then
   */
  put: (request: PutRequest) => Promise<WrittenObject>;
  /**
   * Writes a file as a stream if, and only if, there is no object with that key.
   * @throws ConflictError when there is one; nothing is changed then
   */
  putFile: (request: PutFileRequest) => Promise<WrittenObject>;
  /** What an object is, without reading it; undefined when there is none. */
  describe: (key: string) => Promise<ObjectDescription | undefined>;
  /** The keys that begin with a prefix, in no particular order. */
  list: (prefix: string) => AsyncIterable<string>;
};

/** One version of an object; in a home without versions, the object itself. */
export type ObjectVersion = {
  key: string;
  versionId: string | null;
  isLatest: boolean;
  /** Whether it only says that the key is deleted: it has no content, and no lock. */
  isDeleteMark?: true;
};
/** A version that cannot be deleted yet; `until` is null while a legal hold lasts. */
export type LockedVersion = { key: string; versionId: string | null; until: Date | null };

/** Deletes for good. Apart from {@link ObjectStore}, because only erasing may. */
export type ObjectEraser = {
  /** Every version of the keys that begin with a prefix, and every mark that a key is deleted. */
  listVersions: (prefix: string) => AsyncIterable<ObjectVersion>;
  /** Deletes versions. Those that are gone already are no error. Gives those that a lock keeps. */
  eraseVersions: (versions: readonly ObjectVersion[]) => Promise<LockedVersion[]>;
};

/** Which version of an object; where there are no versions, the object. */
export type VersionId = Pick<ObjectVersion, 'key' | 'versionId'>;

/** Puts legal holds on versions. All that capturing and erasing may do with them. */
export type HoldPutter = {
  /** Holds a version. Holding one that is held, or is gone by now, changes nothing. */
  holdVersion: (version: VersionId) => Promise<void>;
};

/** Legal holds on versions, for whoever may also take them away. A home without such locks has none of this. */
export type LegalHolds = HoldPutter & {
  /** Takes the hold from a version. A version without one, or one that is gone by now, is left as it is. */
  releaseVersion: (version: VersionId) => Promise<void>;
  /** Whether a version is held. */
  isHeld: (version: VersionId) => Promise<boolean>;
};
