import { ConflictError } from '../errors.ts';
import { sha256Hex } from '../sha256.ts';
import { type PartId, partKey } from './layout.ts';
import { decodePart, encodePart, type PartRow } from './part.ts';
import { type ObjectStore } from './store.ts';
import { type PartEntry } from './thread-record.ts';

/** A part as the thread record lists it, and the times of its first and last message. */
export type ArchivedPart = {
  entry: PartEntry;
  firstMessageAt: string;
  lastMessageAt: string;
  /** Whether this call wrote it. */
  written: boolean;
};

/** What a change makes of the rows of a part. `changed: false` writes nothing. */
export type PartChange = { rows: readonly PartRow[]; changed: boolean };

/** The part to be changed. */
export type PartTarget = { id: PartId; expected: boolean; beforeCreate: () => Promise<unknown> };

/** Who writes: goes on every object as metadata. */
export type Provenance = { requestId: string; fetchStartedAt: string };

// Each conflict means that somebody else got through, so a few tries outlast any number of workers that exist.
const MAX_ATTEMPTS = 10;

/**
 * Changes a part under compare-and-swap: read, change, write over exactly what was read; on conflict once more from
 * the start. Idempotent when the change is.
 * @param expected whether the part may be there; a new one is written without reading first
 * @param beforeCreate called before a part is written where there is none
 * @returns undefined when there is no part and the change makes none
 * @throws ConflictError after ten lost rounds, or when the part is erased meanwhile; CorruptArchiveError when the part cannot be
 * read
 */
export async function updatePart(
  store: ObjectStore,
  { id, expected, beforeCreate }: PartTarget,
  provenance: Provenance,
  change: (rows: readonly PartRow[]) => PartChange | Promise<PartChange>,
): Promise<ArchivedPart | undefined> {
  const key = partKey(id);
  let read = expected;
  let wasThere = false;
  for (let attempt = 1; ; attempt++) {
    const object = read ? await store.get(key) : undefined;
    if (object === undefined && wasThere) throw new ConflictError(`${key} has been erased`);
    wasThere = object !== undefined;
    const { rows, changed } = await change(object === undefined ? [] : await decodePart(object.body, key));
    if (rows.length === 0) return undefined;
    if (object !== undefined && !changed) {
      const { body, versionId } = object;
      return archivedPart({ id, rows, body, sha256: sha256Hex(body), versionId, written: false });
    }
    const body = await encodePart(rows);
    if (object === undefined) await beforeCreate();
    const written = {
      key,
      body,
      contentType: 'application/x-ndjson',
      condition: object === undefined ? ({ absent: true } as const) : { etag: object.etag },
      ...describeObject(body, provenance),
    };
    try {
      const { versionId } = await store.put(written);
      return archivedPart({ id, rows, body, sha256: written.sha256, versionId, written: true });
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
      read = true;
    }
  }
}

/** Checksum and metadata of an object about to be written. */
export function describeObject(body: Buffer, { requestId, fetchStartedAt }: Provenance) {
  const sha256 = sha256Hex(body);
  return { sha256, metadata: { 'request-id': requestId, 'fetch-started-at': fetchStartedAt, sha256 } };
}

type PartContent = {
  id: PartId;
  rows: readonly PartRow[];
  body: Buffer;
  sha256: string;
  versionId: string | null;
  written: boolean;
};

function archivedPart({ id, rows, body, sha256, versionId, written }: PartContent): ArchivedPart {
  const entry = {
    dt: id.dt,
    key: partKey(id),
    messages: rows.length,
    sha256,
    bytes: body.length,
    version_id: versionId,
  };
  let firstMessageAt = rows[0]?.created_at ?? '';
  let lastMessageAt = firstMessageAt;
  for (const { created_at } of rows) {
    if (created_at < firstMessageAt) firstMessageAt = created_at;
    if (created_at > lastMessageAt) lastMessageAt = created_at;
  }
  return { entry, firstMessageAt, lastMessageAt, written };
}
