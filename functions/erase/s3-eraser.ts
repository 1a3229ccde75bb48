import {
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { explain } from '../archive/s3-errors.ts';
import { versionTarget } from '../archive/s3-version-target.ts';
import {
  type LockedVersion,
  type ObjectEraser,
  type ObjectVersion,
  type VersionId,
} from '../archive/store.ts';
import { StoreError } from '../errors.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (read November 2026).
const VERSIONS_PER_CALL = 1000;
const CONCURRENT_LOOKUPS = 8;

/**
 * Deletes versions in a bucket. Needs s3:ListBucketVersions on the bucket; s3:DeleteObjectVersion, s3:GetObjectRetention
 * and s3:GetObjectLegalHold on the objects. A version under a lock answers AccessDenied; then its lock is looked up
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html, read November 2026).
 */
export function createS3Eraser(client: S3Client, bucket: string): ObjectEraser {
  async function* listVersions(prefix: string): AsyncGenerator<ObjectVersion> {
    let markers = {};
    for (;;) {
      const page = await client
        .send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }))
        .catch(rethrow('list versions'));
      const marks = page.DeleteMarkers ?? [];
      for (const each of [...(page.Versions ?? []), ...marks]) {
        const { Key, VersionId, IsLatest } = each;
        if (Key === undefined) continue;
        const version = { key: Key, versionId: VersionId ?? null, isLatest: IsLatest ?? false };
        yield marks.includes(each) ? { ...version, isDeleteMark: true } : version;
      }
      if (page.IsTruncated !== true) return;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  async function eraseVersions(versions: readonly ObjectVersion[]): Promise<LockedVersion[]> {
    const refused: VersionId[] = [];
    for (let from = 0; from < versions.length; from += VERSIONS_PER_CALL) {
      const Objects = versions
        .slice(from, from + VERSIONS_PER_CALL)
        .map(({ key, versionId }) => ({ Key: key, ...(versionId !== null && { VersionId: versionId }) }));
      const { Errors } = await client
        .send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }))
        .catch(rethrow('delete versions'));
      for (const { Key = '', VersionId, Code } of Errors ?? []) {
        if (Code !== 'AccessDenied')
          throw new StoreError(`S3 did not delete version ${VersionId ?? ''}: ${Code ?? 'unknown'}`);
        refused.push({ key: Key, versionId: VersionId ?? null });
      }
    }
    return pMap(refused, lookUpLock, { concurrency: CONCURRENT_LOOKUPS });
  }

  async function lookUpLock({ key, versionId }: VersionId): Promise<LockedVersion> {
    const target = versionTarget(bucket, { key, versionId });
    const [retention, hold] = await Promise.all([
      client.send(new GetObjectRetentionCommand(target)).catch(noLock),
      client.send(new GetObjectLegalHoldCommand(target)).catch(noLock),
    ]);
    const isHeld = hold?.LegalHold?.Status === 'ON';
    const until = retention?.Retention?.RetainUntilDate;
    if (!isHeld && until === undefined)
      throw new StoreError(`S3 may not delete version ${versionId ?? ''}, which no lock keeps`);
    return { key, versionId, until: isHeld ? null : (until ?? null) };
  }

  return { listVersions, eraseVersions };
}

// What S3 answers for an object without such a lock, and for a bucket without Object Lock.
const NO_LOCK = ['NoSuchObjectLockConfiguration', 'InvalidRequest', 'ObjectLockConfigurationNotFoundError'];

function noLock(error: unknown): undefined {
  if (error instanceof S3ServiceException && NO_LOCK.includes(error.name)) return undefined;
  throw explain(error, 'look up a lock');
}

function rethrow(call: string): (error: unknown) => never {
  return (error) => {
    throw explain(error, call);
  };
}
