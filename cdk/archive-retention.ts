import { Duration } from 'aws-cdk-lib';
import { type LifecycleRule, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3';
import { ATTACHMENTS_PREFIX } from '../functions/archive/layout.ts';
import type { Config } from './config.ts';

/** S3 bills an object in a colder class as at least so large; below, it would cost more there. */
const MIN_COLD_BYTES = 128 * 1024;

/** How each version is locked as it is written; undefined for not at all. */
export function defaultRetention({ retentionMode, retentionDays }: Config): ObjectLockRetention | undefined {
  if (retentionMode === 'none' || retentionDays === undefined) return undefined;
  const duration = Duration.days(retentionDays);
  return retentionMode === 'compliance'
    ? ObjectLockRetention.compliance(duration)
    : ObjectLockRetention.governance(duration);
}

/**
 * What S3 does by itself. Newest versions never expire. A version that was replaced goes when it has been so for
 * `retentionDays`: its lock, which began when it was written, has ended by then. S3 leaves alone what is locked all the same,
 * by a longer lock of earlier or by a legal hold
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html, read November 2026).
 */
export function lifecycleRules({
  retentionDays,
  coldStorageDays,
  coldStorageClass,
}: Config): LifecycleRule[] {
  const rules: LifecycleRule[] = [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }];
  if (retentionDays !== undefined) {
    rules.push({
      noncurrentVersionExpiration: Duration.days(retentionDays),
      expiredObjectDeleteMarker: true,
    });
  }
  if (coldStorageDays !== undefined && coldStorageClass !== undefined) {
    rules.push({
      // Files alone: they are written once and rarely read. Parts are read again at every capture and by every query.
      prefix: ATTACHMENTS_PREFIX,
      objectSizeGreaterThan: MIN_COLD_BYTES,
      transitions: [
        {
          storageClass: new StorageClass(coldStorageClass),
          transitionAfter: Duration.days(coldStorageDays),
        },
      ],
    });
  }
  return rules;
}
