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
  condition: WriteCondition;
};

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
  /** The keys that begin with a prefix, in no particular order. */
  list: (prefix: string) => AsyncIterable<string>;
};

/** One version of an object; in a home without versions, the object itself. */
export type ObjectVersion = { key: string; versionId: string | null; isLatest: boolean };
/** A version that cannot be deleted yet; `until` is null while a legal hold lasts. */
export type LockedVersion = { key: string; versionId: string | null; until: Date | null };

/** Deletes for good. Apart from {@link ObjectStore}, because only erasing may. */
export type ObjectEraser = {
  /** Every version of the keys that begin with a prefix, and every mark that a key is deleted. */
  listVersions: (prefix: string) => AsyncIterable<ObjectVersion>;
  /** Deletes versions. Those that are gone already are no error. Gives those that a lock keeps. */
  eraseVersions: (versions: readonly ObjectVersion[]) => Promise<LockedVersion[]>;
};
