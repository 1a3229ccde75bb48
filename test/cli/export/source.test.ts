import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchBucket, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ArchiveReader } from '../../../cli/archive-place.ts';
import { bucketSource, readWhole } from '../../../cli/export/source.ts';
import { StoreError } from '../../../functions/errors.ts';
import { recordingStore } from '../../support/recording-store.ts';

const s3 = mockClient(S3Client);
const { store, eraser } = recordingStore();
const reader: ArchiveReader = { ...store, ...eraser };
const source = bucketSource(reader, new S3Client({ region: 'eu-central-1' }), 'bucket');
const answer = (httpStatusCode: number) =>
  new S3ServiceException({ name: 'No', $fault: 'client', $metadata: { httpStatusCode } });

beforeEach(() => s3.reset());

describe('an object of a bucket', () => {
  it('is read as the version that is asked for, with the SHA-256 it was written with', async () => {
    // The SDK adds functions to the stream; here nothing asks for them.
    const Body = Readable.from([Buffer.from('a'), Buffer.from('b')]) as never;
    s3.on(GetObjectCommand, { Bucket: 'bucket', Key: 'k', VersionId: 'v1' }).resolves({
      Body,
      VersionId: 'v1',
      Metadata: { sha256: 'stated' },
    });

    const found = await readWhole(source, 'k', 'v1');

    expect(found?.body.toString()).toBe('ab');
    expect(found?.object).toMatchObject({ key: 'k', version_id: 'v1', bytes: 2, archive_sha256: 'stated' });
  });

  it.each([404, 405])(
    'is none when S3 answers %i: it is gone, or a mark that it is deleted',
    async (status) => {
      s3.on(GetObjectCommand).rejects(answer(status));

      expect(await source.open('k', 'v1')).toBeUndefined();
    },
  );

  it('is not taken for missing when S3 has trouble, or has no such bucket', async () => {
    s3.on(GetObjectCommand).rejectsOnce(answer(503));
    await expect(source.open('k')).rejects.toThrow(StoreError);

    s3.on(GetObjectCommand).rejects(new NoSuchBucket({ message: '', $metadata: { httpStatusCode: 404 } }));
    await expect(source.open('k')).rejects.toThrow(StoreError);
  });
});
