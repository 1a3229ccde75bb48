import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type MessageRow } from '../../functions/archive/row.ts';
import {
  type LegalHolds,
  type ObjectEraser,
  type ObjectStore,
  type ObjectVersion,
  type PutRequest,
  type VersionId,
} from '../../functions/archive/store.ts';
import { type ThreadRecord } from '../../functions/archive/thread-record.ts';
import { ConflictError } from '../../functions/errors.ts';

/** An object store in memory that remembers every write it took. Held to the same contract as the real ones. */
export function recordingStore() {
  const objects = new Map<string, PutRequest & { versionId: string }>();
  const writes: PutRequest[] = [];
  const etagOf = (body: Buffer) => createHash('sha256').update(body).digest('hex');
  const store: ObjectStore = {
    get: (key) => {
      const object = objects.get(key);
      return Promise.resolve(object && { ...object, etag: etagOf(object.body) });
    },
    put: (request) => {
      const current = objects.get(request.key);
      const expected = 'absent' in request.condition ? undefined : request.condition.etag;
      if ((current && etagOf(current.body)) !== expected) {
        return Promise.reject(new ConflictError(`${request.key} is not as it was read`));
      }
      writes.push(request);
      const versionId = `v${writes.length}`;
      objects.set(request.key, { ...request, versionId });
      const hold = request.legalHold === true && { lockedUntil: null };
      versions.push({ key: request.key, versionId, isLatest: true, body: request.body, ...hold });
      return Promise.resolve({ etag: etagOf(request.body), versionId });
    },
    putFile: async ({ path, ...request }) => {
      return store.put({ ...request, body: await readFile(path), condition: { absent: true } });
    },
    describe: (key) => {
      const object = objects.get(key);
      return Promise.resolve(
        object && { bytes: object.body.length, sha256: object.metadata['sha256'] ?? null },
      );
    },
    async *list(prefix) {
      await Promise.resolve();
      for (const key of objects.keys()) if (key.startsWith(prefix)) yield key;
    },
  };
  /** Every version there is, the newest of a key last. `lockedUntil` keeps one from being erased. */
  const versions: (ObjectVersion & { lockedUntil?: Date | null; body: Buffer })[] = [];
  const eraser: ObjectEraser = {
    async *listVersions(prefix) {
      await Promise.resolve();
      for (const version of [...versions]) {
        const isLatest = objects.get(version.key)?.versionId === version.versionId;
        if (version.key.startsWith(prefix))
          yield { key: version.key, versionId: version.versionId, isLatest };
      }
    },
    eraseVersions(doomed) {
      const locked = [];
      for (const { key, versionId } of doomed) {
        const at = versions.findIndex((each) => each.key === key && each.versionId === versionId);
        if (at === -1) continue;
        const { lockedUntil } = versions[at]!;
        if (lockedUntil !== undefined) locked.push({ key, versionId, until: lockedUntil });
        else versions.splice(at, 1);
        if (lockedUntil === undefined && objects.get(key)?.versionId === versionId) objects.delete(key);
      }
      return Promise.resolve(locked);
    },
  };
  const versionOf = ({ key, versionId }: VersionId) =>
    versions.find((each) => each.key === key && each.versionId === versionId);
  /** Legal holds; a version that is locked until a day keeps that lock. */
  const locks: LegalHolds = {
    holdVersion: (id) => {
      const version = versionOf(id);
      if (version !== undefined) version.lockedUntil ??= null;
      return Promise.resolve();
    },
    releaseVersion: (id) => {
      const version = versionOf(id);
      if (version?.lockedUntil === null) delete version.lockedUntil;
      return Promise.resolve();
    },
    isHeld: (id) => Promise.resolve(versionOf(id)?.lockedUntil === null),
  };
  const text = (key: string) => objects.get(key)?.body.toString() ?? '';
  return {
    store,
    eraser,
    locks,
    versions,
    writes,
    /** Keys written since the last call. */
    takeWrites: () => writes.splice(0).map((write) => write.key),
    rows: (key: string) => {
      const body = objects.get(key)?.body;
      const lines = body === undefined ? [] : gunzipSync(body).toString().trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as MessageRow);
    },
    record: (key: string) => JSON.parse(text(key)) as ThreadRecord,
    keys: () => [...objects.keys()].sort(),
    /** Puts bytes in place past every condition. */
    overwrite: (key: string, body: Buffer) => {
      const blank = { contentType: '', sha256: '', metadata: {}, condition: { absent: true } as const };
      objects.set(key, { key, body, ...blank, versionId: 'tampered' });
    },
  };
}
