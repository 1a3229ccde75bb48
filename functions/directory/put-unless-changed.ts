import { describeObject } from '../archive/parts.ts';
import { type ObjectStore, type PutRequest } from '../archive/store.ts';
import { ConflictError } from '../errors.ts';

/** An object of the directory about to be written: over nothing, or over the object that was read. */
export type DirectoryObject = Pick<PutRequest, 'key' | 'body' | 'contentType'> & {
  /** Etag of what was read before HubSpot was asked; undefined when there was nothing. */
  etag: string | undefined;
  requestId: string;
  /** When HubSpot answered, in the form of `sqlTimestamp`. */
  answeredAt: string;
};

/**
 * Writes it unless somebody else has, since it was read; gives whether it did. Whoever has, asked HubSpot in that same
 * time, so what they wrote is as good: there is nothing to merge and nothing to try again.
 */
export async function putUnlessChanged(
  store: ObjectStore,
  { key, body, contentType, etag, requestId, answeredAt }: DirectoryObject,
): Promise<boolean> {
  const condition = etag === undefined ? ({ absent: true } as const) : { etag };
  const described = describeObject(body, { requestId, fetchStartedAt: answeredAt });
  try {
    await store.put({ key, body, contentType, condition, ...described });
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
