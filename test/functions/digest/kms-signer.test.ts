import { generateKeyPairSync, sign } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../../functions/digest/digest.ts';
import { createKmsSigner } from '../../../functions/digest/kms-signer.ts';
import { ConfigError } from '../../../functions/errors.ts';

const kms = mockClient(KMSClient);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

beforeEach(() => {
  kms.reset();
  kms.on(GetPublicKeyCommand).resolves({ PublicKey: publicKey.export({ type: 'spki', format: 'der' }) });
  kms.on(SignCommand).resolves({ Signature: sign('sha256', Buffer.from('text'), privateKey) });
});

const open = () => createKmsSigner(new KMSClient({ region: 'eu-central-1' }), 'arn:key');

describe('a key of KMS', () => {
  it('is sent the SHA-256 of a text, and its signature is one of the text', async () => {
    const signer = await open();

    const signature = await signer.sign(Buffer.from('text'));

    expect(kms.commandCalls(SignCommand)[0]?.args[0].input).toEqual({
      KeyId: 'arn:key',
      // printf text | openssl dgst -sha256 -binary | base64
      Message: Buffer.from('mC2ePrmW9VnmM/TRlN7zdh2Qn1o7ZH0ahR/q1nwyydE=', 'base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    expect(isSignedBy({ signed: 'text', signature: signature.toString('base64') }, publicKey)).toBe(true);
  });

  it('is called by the SHA-256 of its public half, which is given in PEM', async () => {
    expect(await open()).toMatchObject({
      keyId: expect.stringMatching(/^[0-9a-f]{64}$/),
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }),
    });
  });

  it('cannot be used when KMS shows nothing of it', async () => {
    kms.on(GetPublicKeyCommand).resolves({});

    await expect(open()).rejects.toThrow(ConfigError);
  });
});
