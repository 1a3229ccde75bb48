import { createReadStream } from 'node:fs';
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchBucket,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ConflictError } from '../errors.ts';
import { explain, statusOf } from './s3-errors.ts';
import {
  type ObjectDescription,
  type ObjectStore,
  type PutFileRequest,
  type PutRequest,
  type StoredObject,
  type WrittenObject,
} from './store.ts';

/**
 * The archive in a bucket. Conditions are S3's own (If-Match, If-None-Match), and the SHA-256 travels with each object,
 * so S3 refuses a body that arrived damaged and keeps the checksum beside it
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html, read November 2026).
 * Needs s3:ListBucket on the bucket: without it S3 answers 403 instead of 404 for a key that does not exist.
 */
export function createS3Store(client: S3Client, bucket: string): ObjectStore {
  async function get(key: string): Promise<StoredObject | undefined> {
    try {
      const { Body, ETag, VersionId } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return { body, etag: ETag ?? '', versionId: VersionId ?? null };
    } catch (error) {
      if (statusOf(error) === 404 && !(error instanceof NoSuchBucket)) return undefined;
      throw explain(error, `GET ${key}`);
    }
  }

  async function put(request: PutRequest): Promise<WrittenObject> {
    const { condition } = request;
    const onlyIf = 'absent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
    try {
      return await send(request, { Body: request.body, ...onlyIf });
    } catch (error) {
      if (isConflict(error))
        throw new ConflictError(`${request.key} is not as it was read`, { cause: error });
      throw explain(error, `PUT ${request.key}`);
    }
  }

  async function putFile(request: PutFileRequest): Promise<WrittenObject> {
    const Body = createReadStream(request.path);
    try {
      return await send(request, { Body, ContentLength: request.bytes, IfNoneMatch: '*' });
    } catch (error) {
      // Not the key: the name of a file is in it.
      if (isConflict(error))
        throw new ConflictError('the object of a file is there already', { cause: error });
      throw explain(error, 'PUT an attached file');
    }
  }

  /** @throws what the SDK throws */
  async function send(
    { key, contentType, sha256, metadata, legalHold = false }: Omit<PutRequest, 'body' | 'condition'>,
    input: Pick<PutObjectCommandInput, 'Body' | 'ContentLength' | 'IfMatch' | 'IfNoneMatch'>,
  ): Promise<WrittenObject> {
    const { ETag, VersionId } = await client.send(
      new PutObjectCommand({
        ...input,
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        ChecksumSHA256: toBase64(sha256),
        Metadata: { ...metadata },
        // Needs s3:PutObjectLegalHold (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, read November 2026).
        ...(legalHold && { ObjectLockLegalHoldStatus: 'ON' as const }),
      }),
    );
    return { etag: ETag ?? '', versionId: VersionId ?? null };
  }

  async function describe(key: string): Promise<ObjectDescription | undefined> {
    try {
      const { ContentLength, Metadata } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key }),
      );
      return { bytes: ContentLength ?? 0, sha256: Metadata?.['sha256'] ?? null };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw explain(error, 'HEAD an object');
    }
  }

  async function* list(prefix: string): AsyncGenerator<string> {
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      }
    } catch (error) {
      throw explain(error, `list ${prefix}`);
    }
  }

  return { get, put, putFile, describe, list };
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

// 412: the condition does not hold. 409: another conditional write to the key is under way. 404 for the key: the object
// to be replaced is gone. Decided by status, because the body of such an answer may be missing.
function isConflict(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (status === 404 && !(error instanceof NoSuchBucket));
}
