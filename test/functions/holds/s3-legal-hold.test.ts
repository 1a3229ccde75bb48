import {
  GetObjectLegalHoldCommand,
  PutObjectLegalHoldCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../functions/errors.ts';
import { createS3LegalHolds } from '../../../functions/holds/s3-legal-hold.ts';

const s3 = mockClient(S3Client);
const locks = createS3LegalHolds(new S3Client({ region: 'eu-central-1' }), 'archive-bucket');
beforeEach(() => s3.reset());

const VERSION = { key: 'threads/7.json', versionId: 'v1' };
const refusal = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });

describe("S3's legal holds", () => {
  it('are put on the one version, and taken from it', async () => {
    s3.on(PutObjectLegalHoldCommand).resolves({});

    await locks.holdVersion(VERSION);
    await locks.releaseVersion(VERSION);

    const target = { Bucket: 'archive-bucket', Key: 'threads/7.json', VersionId: 'v1' };
    expect(s3.commandCalls(PutObjectLegalHoldCommand).map((call) => call.args[0].input)).toEqual([
      { ...target, LegalHold: { Status: 'ON' } },
      { ...target, LegalHold: { Status: 'OFF' } },
    ]);
  });

  it('let a version be that is gone', async () => {
    s3.on(PutObjectLegalHoldCommand).rejects(refusal('NoSuchVersion', 404));

    await expect(locks.holdVersion(VERSION)).resolves.toBeUndefined();
  });

  it.each([
    ['a bucket that is not there', refusal('NoSuchBucket', 404)],
    ['a permission that is missing', refusal('AccessDenied', 403)],
    ['no answer', new Error('socket hang up')],
  ])('fail for %s', async (_, error) => {
    s3.on(PutObjectLegalHoldCommand).rejects(error);

    await expect(locks.holdVersion(VERSION)).rejects.toThrow(StoreError);
  });

  it.each([
    ['ON', { LegalHold: { Status: 'ON' as const } }, true],
    ['OFF', { LegalHold: { Status: 'OFF' as const } }, false],
  ])('are told: %s', async (_, answer, isHeld) => {
    s3.on(GetObjectLegalHoldCommand).resolves(answer);

    expect(await locks.isHeld(VERSION)).toBe(isHeld);
  });

  it('are told from none, and from not being allowed to look', async () => {
    s3.on(GetObjectLegalHoldCommand)
      .rejectsOnce(refusal('NoSuchObjectLockConfiguration', 404))
      .rejects(refusal('AccessDenied', 403));

    expect(await locks.isHeld(VERSION)).toBe(false);
    await expect(locks.isHeld(VERSION)).rejects.toThrow(StoreError);
  });
});
