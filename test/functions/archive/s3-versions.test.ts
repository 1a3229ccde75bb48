import { GetObjectCommand, HeadObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDescribeVersion } from '../../../functions/archive/s3-versions.ts';
import { StoreError } from '../../../functions/errors.ts';

const s3 = mockClient(S3Client);
// printf hello | openssl dgst -sha256 -hex, and -binary | base64
const SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const CHECKSUM = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=';
const Metadata = { 'request-id': 'r' };
const VERSION = { key: 'threads/1.json', versionId: 'v1' };

beforeEach(() => {
  s3.reset();
  s3.on(HeadObjectCommand).resolves({
    ChecksumSHA256: CHECKSUM,
    ChecksumType: 'FULL_OBJECT',
    ContentLength: 5,
    Metadata,
  });
  s3.on(GetObjectCommand).callsFake(() => ({
    Body: { transformToWebStream: () => new Blob(['hello']).stream() },
    Metadata,
  }));
});

const describeVersion = (readBytes = false) =>
  createDescribeVersion(new S3Client({ region: 'eu-central-1' }), 'bucket', { readBytes })(VERSION);

function refusal(status: number): S3ServiceException {
  const $metadata = { httpStatusCode: status };
  return new S3ServiceException({ name: 'Refused', message: 'no', $fault: 'client', $metadata });
}

describe('a version in a bucket', () => {
  it('is described by the checksum that S3 keeps, without reading it', async () => {
    expect(await describeVersion()).toEqual({ sha256: SHA256, bytes: 5, metadata: Metadata });

    expect(s3.commandCalls(HeadObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'bucket',
      Key: 'threads/1.json',
      VersionId: 'v1',
      ChecksumMode: 'ENABLED',
    });
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(0);
  });

  it.each([
    ['has no checksum', { ContentLength: 5 }],
    ['has one of its parts', { ChecksumSHA256: 'x-2', ChecksumType: 'COMPOSITE' as const, ContentLength: 5 }],
  ])('is read when S3 %s of it', async (_, head) => {
    s3.on(HeadObjectCommand).resolves(head);

    expect(await describeVersion()).toEqual({ sha256: SHA256, bytes: 5, metadata: Metadata });
  });

  it('is read when told to, and S3 is not believed', async () => {
    expect(await describeVersion(true)).toMatchObject({ sha256: SHA256, bytes: 5 });
    expect(s3.commandCalls(HeadObjectCommand)).toHaveLength(0);
  });

  it.each([404, 405])('that is gone, or a delete marker, is undefined (%i)', async (status) => {
    s3.on(HeadObjectCommand).rejects(refusal(status));

    expect(await describeVersion()).toBeUndefined();
  });

  it('is not taken for gone when S3 may not say', async () => {
    s3.on(HeadObjectCommand).rejects(refusal(403));

    await expect(describeVersion()).rejects.toThrow(StoreError);
  });
});
