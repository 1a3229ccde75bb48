import { createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { ConfigError } from '../errors.ts';
import { type DigestSigner, keyIdOf } from './digest.ts';

/**
 * Signs with an asymmetric key of KMS over P-256, whose private half never leaves it. KMS is sent the SHA-256 of a text, not
 * the text (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html, read November 2026). Needs kms:GetPublicKey
 * and kms:Sign.
 * @throws ConfigError when KMS shows no public key; what KMS throws
 */
export async function createKmsSigner(client: KMSClient, keyArn: string): Promise<DigestSigner> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  if (PublicKey === undefined) throw new ConfigError('KMS shows no public key of the key of the digests');
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    async sign(text) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyArn,
          Message: createHash('sha256').update(text).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
      if (Signature === undefined) throw new ConfigError('KMS gave no signature');
      return Buffer.from(Signature);
    },
  };
}
