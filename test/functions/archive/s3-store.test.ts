import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Store } from '../../../functions/archive/s3-store.ts';
import { type PutRequest } from '../../../functions/archive/store.ts';
import { ConflictError } from '../../../functions/errors.ts';

const s3 = mockClient(S3Client);
const store = createS3Store(new S3Client({ region: 'eu-central-1' }), 'archive-bucket');
beforeEach(() => s3.reset());

const refusal = (status: number) =>
  new S3ServiceException({ name: 'Refused', $fault: 'client', $metadata: { httpStatusCode: status } });
const missing = { $metadata: { httpStatusCode: 404 }, message: 'missing' };

const request: PutRequest = {
  key: 'threads/portal_id=1/7.json',
  body: Buffer.from('{}\n'),
  contentType: 'application/json',
  sha256: 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356',
  metadata: { 'request-id': 'r' },
  condition: { absent: true },
};

describe('writing to S3', () => {
  it('carries the condition, the checksum and the metadata', async () => {
    s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });

    expect(await store.put(request)).toEqual({ etag: '"e"', versionId: 'v' });
    await store.put({ ...request, condition: { etag: '"e"' } });

    const [create, replace] = s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input);
    expect(create).toEqual({
      Bucket: 'archive-bucket',
      Key: 'threads/portal_id=1/7.json',
      Body: request.body,
      ContentType: 'application/json',
      ChecksumSHA256: 'yj0WO6sFU4GCciYUBWjzvvfqrBh869doeOC2Pp5EI1Y=',
      Metadata: { 'request-id': 'r' },
      IfNoneMatch: '*',
    });
    expect(replace).toMatchObject({ IfMatch: '"e"' });
    expect(replace).not.toHaveProperty('IfNoneMatch');
  });

  it.each([412, 409, 404])('calls %i a conflict', async (status) => {
    s3.on(PutObjectCommand).rejects(refusal(status));

    await expect(store.put({ ...request, condition: { etag: '"e"' } })).rejects.toThrow(ConflictError);
  });

  it.each([
    ['a refusal', refusal(403)],
    ['a bucket that is not there', new NoSuchBucket(missing)],
    ['no answer', new Error('socket hang up')],
  ])('passes on %s as it is', async (_, error) => {
    s3.on(PutObjectCommand).rejects(error);

    await expect(store.put(request)).rejects.toBe(error);
  });
});

describe('writing a file to S3', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'threadvault-s3-'));
    await writeFile(path.join(folder, 'file'), '{}\n');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const fileRequest = () => ({
    key: 'attachments/portal_id=1/7/m/1/the name of a file.pdf',
    path: path.join(folder, 'file'),
    bytes: 3,
    contentType: 'application/pdf',
    sha256: request.sha256,
    metadata: { sha256: request.sha256 },
  });

  it('streams it, with its length and its checksum, where nothing is yet', async () => {
    s3.on(PutObjectCommand).callsFake(async ({ Body }: PutObjectCommandInput) => {
      const chunks = await Array.fromAsync(Body as AsyncIterable<Buffer>);
      return { ETag: Buffer.concat(chunks).toString(), VersionId: 'v' };
    });

    expect(await store.putFile(fileRequest())).toEqual({ etag: '{}\n', versionId: 'v' });

    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'archive-bucket',
      Key: fileRequest().key,
      ContentLength: 3,
      ContentType: 'application/pdf',
      ChecksumSHA256: 'yj0WO6sFU4GCciYUBWjzvvfqrBh869doeOC2Pp5EI1Y=',
      IfNoneMatch: '*',
    });
  });

  it.each([412, 409])('calls %i a conflict, and tells no name of a file', async (status) => {
    s3.on(PutObjectCommand).rejects(refusal(status));

    const error: unknown = await store.putFile(fileRequest()).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConflictError);
    expect((error as Error).message).not.toContain('name of a file');
  });

  it('passes on a refusal as it is', async () => {
    s3.on(PutObjectCommand).rejects(refusal(403));

    await expect(store.putFile(fileRequest())).rejects.toThrow(S3ServiceException);
  });

  it('says of an object what its metadata say', async () => {
    s3.on(HeadObjectCommand)
      .resolvesOnce({ ContentLength: 3, Metadata: { sha256: 'abc' } })
      .resolvesOnce({ ContentLength: 3 })
      .rejectsOnce(refusal(404))
      .rejects(refusal(403));

    expect(await store.describe('k')).toEqual({ bytes: 3, sha256: 'abc' });
    expect(await store.describe('k')).toEqual({ bytes: 3, sha256: null });
    expect(await store.describe('k')).toBeUndefined();
    await expect(store.describe('k')).rejects.toThrow(S3ServiceException);
  });
});

describe('reading from S3', () => {
  it('tells absent from denied', async () => {
    s3.on(GetObjectCommand).rejectsOnce(new NoSuchKey(missing)).rejects(refusal(403));

    expect(await store.get('threads/1.json')).toBeUndefined();
    await expect(store.get('threads/1.json')).rejects.toThrow(S3ServiceException);
  });

  it('does not take a bucket that is not there for an empty archive', async () => {
    s3.on(GetObjectCommand).rejects(new NoSuchBucket(missing));

    await expect(store.get('threads/1.json')).rejects.toThrow(NoSuchBucket);
  });

  it('lists every page of keys', async () => {
    s3.on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'messages/a' }], NextContinuationToken: 'more' })
      .resolvesOnce({ Contents: [{ Key: 'messages/b' }] });

    expect(await Array.fromAsync(store.list('messages/'))).toEqual(['messages/a', 'messages/b']);
  });
});
