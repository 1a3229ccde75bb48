import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { createS3Store } from '../../functions/archive/s3-store.ts';
import { createDescribeVersion } from '../../functions/archive/s3-versions.ts';
import { type Change } from '../../functions/digest/digest.ts';
import { type Evidence, type EvidenceVersion } from './evidence.ts';

/** S3 notifies mostly within seconds, and promises no time. */
const NOTIFIED_WITHIN_MS = 900_000;

/**
 * An archive in a bucket. Needs s3:ListBucketVersions and s3:ListBucket on the bucket; s3:GetObject and s3:GetObjectVersion on
 * the objects.
 * @param deep whether the bytes are read, instead of asking S3 for the checksum that it keeps beside each version
 */
export function createS3Evidence(client: S3Client, bucket: string, { deep }: { deep: boolean }): Evidence {
  const store = createS3Store(client, bucket);

  async function* listVersions(prefix: string): AsyncGenerator<EvidenceVersion> {
    let markers = {};
    for (;;) {
      const page = await client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
      );
      for (const version of page.Versions ?? []) yield* listed(version, false);
      for (const marker of page.DeleteMarkers ?? []) yield* listed(marker, true);
      if (page.IsTruncated !== true) return;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  return {
    listVersions,
    contentOf: createDescribeVersion(client, bucket, { readBytes: deep }),
    concurrency: 32,
    read: async (key) => (await store.get(key))?.body,
    // They are on a queue, which shows nothing without handing it out.
    async *pending() {
      yield* await Promise.resolve<Change[]>([]);
    },
    newestNoted: () => Promise.resolve(undefined),
    mayWait: (modifiedAt, digestWrittenAt) =>
      modifiedAt !== null && modifiedAt > digestWrittenAt - NOTIFIED_WITHIN_MS,
  };
}

type Listed = { Key?: string | undefined; VersionId?: string | undefined; LastModified?: Date | undefined };

function* listed(
  { Key, VersionId, LastModified }: Listed,
  isDeleteMarker: boolean,
): Generator<EvidenceVersion> {
  if (Key === undefined) return;
  const modifiedAt = LastModified?.getTime() ?? null;
  // A version from before versioning was switched on is called null, and has no other name.
  yield {
    key: Key,
    versionId: VersionId === 'null' ? null : (VersionId ?? null),
    modifiedAt,
    isDeleteMarker,
  };
}
