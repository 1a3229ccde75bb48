import {
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../functions/errors.ts';
import { createS3Eraser } from '../../../functions/erase/s3-eraser.ts';

const s3 = mockClient(S3Client);
const eraser = createS3Eraser(new S3Client({ region: 'eu-central-1' }), 'archive-bucket');
beforeEach(() => s3.reset());

const version = (n: number, isLatest = false) => ({ key: 'threads/7.json', versionId: `v${n}`, isLatest });
const refused = (n: number, Code = 'AccessDenied') => ({ Key: 'threads/7.json', VersionId: `v${n}`, Code });
const unlocked = new S3ServiceException({
  name: 'NoSuchObjectLockConfiguration',
  $fault: 'client',
  $metadata: { httpStatusCode: 404 },
});

describe('the versions under a prefix', () => {
  it('are listed page by page, with the marks of what is deleted', async () => {
    s3.on(ListObjectVersionsCommand)
      .resolvesOnce({
        Versions: [{ Key: 'a', VersionId: '1', IsLatest: false }],
        DeleteMarkers: [{ Key: 'a', VersionId: '2', IsLatest: true }],
        IsTruncated: true,
        NextKeyMarker: 'a',
        NextVersionIdMarker: '1',
      })
      .resolvesOnce({ Versions: [{ Key: 'b', VersionId: '3', IsLatest: true }] });

    expect(await Array.fromAsync(eraser.listVersions('x'))).toEqual([
      { key: 'a', versionId: '1', isLatest: false },
      { key: 'a', versionId: '2', isLatest: true, isDeleteMark: true },
      { key: 'b', versionId: '3', isLatest: true },
    ]);
    expect(s3.commandCalls(ListObjectVersionsCommand)[1]?.args[0].input).toMatchObject({
      KeyMarker: 'a',
      VersionIdMarker: '1',
    });
  });
});

describe('erasing versions', () => {
  it('takes a thousand at a time', async () => {
    s3.on(DeleteObjectsCommand).resolves({});

    await eraser.eraseVersions(Array.from({ length: 2_001 }, (_, n) => version(n)));

    const sizes = s3
      .commandCalls(DeleteObjectsCommand)
      .map((call) => call.args[0].input.Delete?.Objects?.length);
    expect(sizes).toEqual([1000, 1000, 1]);
  });

  it('gives what a lock keeps, and until when', async () => {
    const until = new Date('2030-01-31T00:00:00Z');
    s3.on(DeleteObjectsCommand).resolves({ Errors: [refused(1), refused(2)] });
    s3.on(GetObjectRetentionCommand).resolves({ Retention: { Mode: 'COMPLIANCE', RetainUntilDate: until } });
    s3.on(GetObjectLegalHoldCommand).rejects(unlocked);
    s3.on(GetObjectLegalHoldCommand, { VersionId: 'v2' }).resolves({ LegalHold: { Status: 'ON' } });

    expect(await eraser.eraseVersions([version(1), version(2), version(3)])).toEqual([
      { key: 'threads/7.json', versionId: 'v1', until },
      { key: 'threads/7.json', versionId: 'v2', until: null },
    ]);
  });

  it.each([
    ['a permission is missing', [refused(1)], 'may not delete version v1'],
    ['S3 has trouble', [refused(1, 'InternalError')], 'did not delete version v1: InternalError'],
  ])('fails when %s, rather than call a version locked or gone', async (_, Errors, message) => {
    s3.on(DeleteObjectsCommand).resolves({ Errors });
    s3.on(GetObjectRetentionCommand).rejects(unlocked);
    s3.on(GetObjectLegalHoldCommand).rejects(unlocked);

    const erasing = eraser.eraseVersions([version(1)]);

    await expect(erasing).rejects.toThrow(message);
    // Its record waits, and spends no try.
    await expect(erasing).rejects.toThrow(StoreError);
  });
});
