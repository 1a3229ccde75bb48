import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { explain, statusOf } from './s3-errors.ts';
import { versionTarget } from './s3-version-target.ts';
import { type VersionId } from './store.ts';

/** What a version holds, the SHA-256 in hex, and the metadata that it was written with. */
export type VersionDescription = {
  sha256: string;
  bytes: number;
  metadata: Readonly<Record<string, string>>;
};

/**
 * Says what versions in a bucket hold; undefined of one that is gone. By S3's own checksum, which S3 has computed over the
 * bytes that it took (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html, read November
 * 2026); by reading the bytes when S3 has none of the whole object, or when told to. Needs s3:GetObjectVersion on the
 * objects, and s3:ListBucket on the bucket, without which a version that is gone is answered 403.
 * @throws StoreError when S3 does not do as asked
 */
export function createDescribeVersion(
  client: S3Client,
  bucket: string,
  { readBytes }: { readBytes: boolean },
): (version: VersionId) => Promise<VersionDescription | undefined> {
  async function head(version: VersionId): Promise<VersionDescription | undefined> {
    const command = new HeadObjectCommand({ ...versionTarget(bucket, version), ChecksumMode: 'ENABLED' });
    const { ChecksumSHA256, ChecksumType, ContentLength, Metadata } = await client.send(command);
    // Of an object in parts, S3 may have a checksum of the parts' checksums.
    if (ChecksumSHA256 === undefined || ChecksumType === 'COMPOSITE') return read(version);
    const sha256 = Buffer.from(ChecksumSHA256, 'base64').toString('hex');
    return { sha256, bytes: ContentLength ?? 0, metadata: Metadata ?? {} };
  }

  async function read(version: VersionId): Promise<VersionDescription | undefined> {
    const { Body, Metadata } = await client.send(new GetObjectCommand(versionTarget(bucket, version)));
    const hash = createHash('sha256');
    let bytes = 0;
    const chunks: AsyncIterable<unknown> | undefined = Body?.transformToWebStream();
    for await (const chunk of chunks ?? []) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a body that is not made of bytes');
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { sha256: hash.digest('hex'), bytes, metadata: Metadata ?? {} };
  }

  return async (version) => {
    try {
      return await (readBytes ? read(version) : head(version));
    } catch (error) {
      // 405: a delete marker is no object.
      if ([404, 405].includes(statusOf(error) ?? 0)) return undefined;
      throw explain(error, 'describe a version');
    }
  };
}
