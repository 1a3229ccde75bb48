import {
  GetObjectLegalHoldCommand,
  type ObjectLockLegalHoldStatus,
  PutObjectLegalHoldCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { explain, statusOf } from '../archive/s3-errors.ts';
import { versionTarget } from '../archive/s3-version-target.ts';
import { type LegalHolds, type VersionId } from '../archive/store.ts';

// What S3 answers for a version that has never had a hold.
const NO_HOLD = 'NoSuchObjectLockConfiguration';

/**
 * S3's legal holds on versions. The bucket must have Object Lock
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html, read November 2026). Needs s3:PutObjectLegalHold and
 * s3:GetObjectLegalHold on the objects; a policy can allow ON alone by the condition key s3:object-lock-legal-hold
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html, read November 2026).
 * Each call throws StoreError when S3 does not do as asked.
 */
export function createS3LegalHolds(client: S3Client, bucket: string): LegalHolds {
  async function set(version: VersionId, Status: ObjectLockLegalHoldStatus): Promise<void> {
    try {
      await client.send(
        new PutObjectLegalHoldCommand({ ...versionTarget(bucket, version), LegalHold: { Status } }),
      );
    } catch (error) {
      if (isGone(error)) return;
      throw explain(error, `set the legal hold of version ${version.versionId ?? ''}`);
    }
  }

  return {
    holdVersion: (version) => set(version, 'ON'),
    releaseVersion: (version) => set(version, 'OFF'),
    isHeld: async (version) => {
      try {
        const { LegalHold } = await client.send(
          new GetObjectLegalHoldCommand(versionTarget(bucket, version)),
        );
        return LegalHold?.Status === 'ON';
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === NO_HOLD) return false;
        throw explain(error, `look up the legal hold of version ${version.versionId ?? ''}`);
      }
    },
  };
}

/** Whether the version itself is not there. A bucket that is missing is another matter. */
function isGone(error: unknown): boolean {
  if (!(error instanceof S3ServiceException) || statusOf(error) !== 404) return false;
  return error.name === 'NoSuchVersion' || error.name === 'NoSuchKey';
}
