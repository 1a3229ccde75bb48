import { globSync, readFileSync } from 'node:fs';
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
import { ConflictError, StoreError } from '../../../functions/errors.ts';

const s3 = mockClient(S3Client);
const store = createS3Store(new S3Client({ region: 'eu-central-1' }), 'archive-bucket');
beforeEach(() => s3.reset());

const refusal = (status: number, name = 'Refused') =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode: status } });
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

  // A bucket with Object Lock refuses an object without a checksum.
  it('is done here alone, and never without a checksum', () => {
    const files = globSync('{functions,cli}/**/*.ts').map(
      (name) => [name, readFileSync(name, 'utf8')] as const,
    );

    const writers = files.filter(([, code]) =>
      /new (PutObject|CreateMultipartUpload|CopyObject)Command/.test(code),
    );

    expect(writers.map(([name]) => name)).toEqual(['functions/archive/s3-store.ts']);
    const [, code] = writers[0]!;
    expect(code.match(/ChecksumSHA256: toBase64/g)).toHaveLength(code.match(/new PutObjectCommand/g)!.length);
  });

  it('puts the version under a legal hold when it is told to, and not otherwise', async () => {
    s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });

    await store.put({ ...request, legalHold: true });
    await store.put(request);

    const [held, other] = s3.commandCalls(PutObjectCommand).map((call) => call.args[0].input);
    expect(held).toMatchObject({ ObjectLockLegalHoldStatus: 'ON' });
    expect(other).not.toHaveProperty('ObjectLockLegalHoldStatus');
  });

  it.each([412, 409, 404])('calls %i a conflict', async (status) => {
    s3.on(PutObjectCommand).rejects(refusal(status));

    await expect(store.put({ ...request, condition: { etag: '"e"' } })).rejects.toThrow(ConflictError);
  });

  it.each<[string, Error, number | undefined]>([
    ['S3 answered 503 SlowDown', refusal(503, 'SlowDown'), 503],
    ['S3 answered 500 InternalError', refusal(500, 'InternalError'), 500],
    ['S3 answered 403 AccessDenied', refusal(403, 'AccessDenied'), 403],
    ['S3 answered 400 RequestTimeout', refusal(400, 'RequestTimeout'), 400],
    ['S3 answered 404 NoSuchBucket', new NoSuchBucket(missing), 404],
    [
      'no whole answer from S3',
      Object.assign(new Error('quotes a body'), { name: 'TimeoutError' }),
      undefined,
    ],
  ])('calls it trouble of the store when %s', async (what, error, status) => {
    s3.on(PutObjectCommand).rejects(error);

    const failure = await store.put(request).catch((thrown: unknown) => thrown);

    expect(failure).toBeInstanceOf(StoreError);
    expect(failure).toMatchObject({ status, cause: error, message: expect.stringContaining(what) });
    expect((failure as Error).message).toContain(`to PUT ${request.key}`);
    expect((failure as Error).message).not.toContain('quotes a body');
  });

  it('passes on as it is what S3 calls wrong of the request itself', async () => {
    const error = refusal(400, 'EntityTooLarge');
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

  it.each([
    ['S3 answered 503 SlowDown to PUT an attached file', refusal(503, 'SlowDown')],
    ['no whole answer from S3 to PUT an attached file: Error', new Error('socket hang up')],
  ])('is the store’s trouble when %s, and no name of a file is told', async (message, cause) => {
    s3.on(PutObjectCommand).rejects(cause);

    const error: unknown = await store.putFile(fileRequest()).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(StoreError);
    expect((error as Error).message).toBe(message);
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
    await expect(store.describe('k')).rejects.toThrow(StoreError);
  });
});

describe('reading from S3', () => {
  it('tells absent from denied', async () => {
    s3.on(GetObjectCommand).rejectsOnce(new NoSuchKey(missing)).rejects(refusal(403));

    expect(await store.get('threads/1.json')).toBeUndefined();
    await expect(store.get('threads/1.json')).rejects.toThrow(
      'S3 answered 403 Refused to GET threads/1.json',
    );
  });

  it('does not take a bucket that is not there for an empty archive', async () => {
    s3.on(GetObjectCommand).rejects(new NoSuchBucket(missing));

    await expect(store.get('threads/1.json')).rejects.toThrow('S3 answered 404 NoSuchBucket to GET');
  });

  it('calls a body that ends in the middle trouble of the store', async () => {
    const cut = { transformToByteArray: () => Promise.reject(new Error('aborted')) };
    s3.on(GetObjectCommand).resolves({ Body: cut as never });

    await expect(store.get('threads/1.json')).rejects.toThrow(StoreError);
  });

  it('says so when the keys cannot be listed', async () => {
    s3.on(ListObjectsV2Command).rejects(refusal(503, 'SlowDown'));

    await expect(Array.fromAsync(store.list('messages/'))).rejects.toThrow(
      'S3 answered 503 SlowDown to list messages/',
    );
  });

  it('lists every page of keys', async () => {
    s3.on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'messages/a' }], NextContinuationToken: 'more' })
      .resolvesOnce({ Contents: [{ Key: 'messages/b' }] });

    expect(await Array.fromAsync(store.list('messages/'))).toEqual(['messages/a', 'messages/b']);
  });
});
