import { type VersionId } from './store.ts';

/** How a call of S3 names a version; the newest one where there are none. */
export function versionTarget(
  bucket: string,
  { key, versionId }: VersionId,
): { Bucket: string; Key: string; VersionId?: string } {
  return { Bucket: bucket, Key: key, ...(versionId !== null && { VersionId: versionId }) };
}
