import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';
import { explain as explainS3, statusOf } from '../../functions/archive/s3-errors.ts';
import { StoreError } from '../../functions/errors.ts';
import { sha256Hex } from '../../functions/sha256.ts';
import { codeOf, ignoreMissing } from '../../local/durable-files.ts';
import { explain as explainDisk, fileOf } from '../../local/folder-reader.ts';
import { type ArchivePlace, type ArchiveReader, findBucket, openArchiveReader } from '../archive-place.ts';

/** An object that is about to be read. */
export type OpenObject = {
  stream: Readable;
  versionId: string | null;
  /** The SHA-256 that it was written with, in hex; null when it does not say, as in a folder. */
  statedSha256: string | null;
};

/** An archive that is exported from: what can be read of it, as streams, and older versions where there are any. */
export type ExportSource = Pick<ArchiveReader, 'get' | 'list' | 'listVersions'> & {
  /** Whether the home keeps what was there before. */
  keepsVersions: boolean;
  /**
   * An object, or one version of it; undefined when there is none, or when the version is the mark that it is deleted.
   * @throws StoreError when the home does not give it
   */
  open: (key: string, versionId?: string | null) => Promise<OpenObject | undefined>;
};

/** An object as an export has read it. Goes into the manifest. */
export type SourceObject = {
  key: string;
  version_id: string | null;
  /** Of what was read, in hex. */
  sha256: string;
  bytes: number;
  /** What the archive says it is: the thread record of a part, the row of a file, else the object. Null when nothing says. */
  archive_sha256: string | null;
};

/**
 * The archive at a place. Needs s3:ListBucket, s3:ListBucketVersions, s3:GetObject and s3:GetObjectVersion in a bucket.
 * @throws ConfigError when it is not there; what CloudFormation throws
 */
export async function openExportSource(place: ArchivePlace): Promise<ExportSource> {
  const reader = await openArchiveReader(place);
  if ('folder' in place) return folderSource(reader, path.resolve(place.folder));
  const { client, bucket } = await findBucket(place.stack);
  return bucketSource(reader, client, bucket);
}

/** A folder, whose objects have no versions. */
function folderSource(reader: ArchiveReader, root: string): ExportSource {
  return {
    ...reader,
    keepsVersions: false,
    async open(key) {
      try {
        const file = await open(fileOf(root, key)).catch(ignoreMissing);
        return file && { stream: file.createReadStream(), versionId: null, statedSha256: null };
      } catch (error) {
        return explainDisk(`read ${key}`)(error);
      }
    },
  };
}

/** A bucket. */
export function bucketSource(reader: ArchiveReader, client: S3Client, bucket: string): ExportSource {
  return {
    ...reader,
    keepsVersions: true,
    async open(key, versionId) {
      const version = versionId == null ? {} : { VersionId: versionId };
      try {
        const { Body, VersionId, Metadata } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, ...version }),
        );
        if (!(Body instanceof Readable)) throw new StoreError(`S3 gave no content for ${key}`);
        return { stream: Body, versionId: VersionId ?? null, statedSha256: Metadata?.['sha256'] ?? null };
      } catch (error) {
        // 405: the version is a delete marker (https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html,
        // read November 2026).
        const status = statusOf(error);
        if ((status === 404 || status === 405) && !(error instanceof NoSuchBucket)) return undefined;
        throw explainS3(error, `GET ${key}`);
      }
    },
  };
}

/** A small object, whole, with what the manifest says of it; undefined when there is none. */
export async function readWhole(
  source: ExportSource,
  key: string,
  versionId?: string | null,
): Promise<{ body: Buffer; object: SourceObject } | undefined> {
  const found = await source.open(key, versionId);
  if (found === undefined) return undefined;
  const chunks: Buffer[] = [];
  try {
    const read: AsyncIterable<Buffer> = found.stream;
    for await (const chunk of read) chunks.push(chunk);
  } catch (error) {
    throw new StoreError(`${key} broke off while it was read: ${codeOf(error)}`, { cause: error });
  }
  const body = Buffer.concat(chunks);
  const sha256 = sha256Hex(body);
  return {
    body,
    object: {
      key,
      version_id: found.versionId,
      sha256,
      bytes: body.length,
      archive_sha256: found.statedSha256,
    },
  };
}

/** The lines of a file of ours, without their line breaks. Only `\n` ends a line: JSON may hold U+2028. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  const chunks: AsyncIterable<string> = createReadStream(file, { encoding: 'utf8' });
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
