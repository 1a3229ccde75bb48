import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeDigest, isSignedBy } from '../../functions/digest/digest.ts';
import { WRITE_DIGEST_ENV } from '../support/env.ts';
import { lambdaContext } from '../support/lambda-context.ts';
import { consoleLines, stubLambda } from '../support/lambda.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const kms = mockClient(KMSClient);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = 'attachments/portal_id=62515/7/m/f/secret-name.pdf';
let output: string[];

beforeEach(() => {
  for (const client of [s3, sqs, kms]) client.reset();
  const $metadata = { httpStatusCode: 404 };
  const missing = new S3ServiceException({
    name: 'NotFound',
    message: 'missing',
    $fault: 'client',
    $metadata,
  });
  s3.on(HeadObjectCommand).rejects(missing);
  s3.on(GetObjectCommand).rejects(missing);
  s3.on(HeadObjectCommand, { Key: KEY }).resolves({
    ChecksumSHA256: createHash('sha256').update('x').digest('base64'),
    ContentLength: 1,
    Metadata: { 'request-id': 'writer' },
  });
  s3.on(PutObjectCommand).resolves({ ETag: '"e"', VersionId: 'v' });
  const record = { eventName: 'ObjectCreated:Put', eventTime: '2026-02-02T12:00:00.000Z' };
  const Body = JSON.stringify({ Records: [{ ...record, s3: { object: { key: KEY, versionId: 'v1' } } }] });
  const messages = [{ ReceiptHandle: 'handle', Body }];
  sqs.on(ReceiveMessageCommand).callsFake(() => ({ Messages: messages.splice(0) }));
  sqs.on(DeleteMessageBatchCommand).resolves({});
  kms.on(GetPublicKeyCommand).resolves({ PublicKey: publicKey.export({ type: 'spki', format: 'der' }) });
  output = consoleLines();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function coldStart() {
  stubLambda(WRITE_DIGEST_ENV);
  const { handler } = await import('../../functions/write-digest.ts');
  return () => handler({}, lambdaContext() as Context);
}

describe('write-digest', () => {
  it('puts a digest of what the queue names, then deletes it there, and says how it went', async () => {
    // Node cannot sign a SHA-256 that is computed already, so KMS signs another text here.
    kms.on(SignCommand).resolves({ Signature: sign('sha256', Buffer.from('another text'), privateKey) });
    const handler = await coldStart();

    const run = await handler();

    expect(run).toMatchObject({ digests: 1, changes: 1, head: { sequence: 0 } });
    const puts = s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input);
    expect(puts.map(({ Key, IfNoneMatch }) => [Key?.replace(/[0-9a-f]{64}/, 'ID'), IfNoneMatch])).toEqual([
      ['digests/keys/ID.pem', '*'],
      ['digests/000000000000.json', '*'],
    ]);
    const digest = decodeDigest(puts[1]!.Body as Buffer)!;
    expect(digest.statement.changes).toMatchObject([{ key: KEY, version_id: 'v1', request_id: 'writer' }]);
    expect(isSignedBy({ ...digest, signed: 'another text' }, publicKey)).toBe(true);
    const [sent] = kms.commandCalls(SignCommand).map(({ args: [{ input }] }) => input);
    expect(sent).toMatchObject({ KeyId: WRITE_DIGEST_ENV.DIGEST_KEY_ARN, MessageType: 'DIGEST' });
    expect(Buffer.from(sent!.Message!)).toEqual(createHash('sha256').update(digest.signed).digest());
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(1);
    expect(output.join('\n')).toContain('"digests": 1');
    expect(output.join('\n')).not.toContain('secret-name');
  });

  it('deletes nothing from the queue when the digest was not put', async () => {
    kms.on(SignCommand).rejects(new Error('KMSInvalidStateException'));
    const handler = await coldStart();

    await expect(handler()).rejects.toThrow('KMSInvalidStateException');

    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toHaveLength(0);
    expect(s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input.Key)).not.toContain(
      'digests/000000000000.json',
    );
  });
});
