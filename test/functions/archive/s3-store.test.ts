import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
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
