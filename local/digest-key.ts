import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmod, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type DigestSigner, keyIdOf } from '../functions/digest/digest.ts';
import { ConfigError } from '../functions/errors.ts';
import { flushDirectory, ignoreMissing, writeFlushed } from './durable-files.ts';

/**
 * The key that a folder's digests are signed with: ECDSA over P-256, in `.digest-key.pem`, for its owner alone to read. It is
 * made on first use. Whoever can read it can sign: a copy of the public half, kept elsewhere, is what a proof rests on.
 * The folder must be this process's alone.
 * @throws ConfigError when the file is there and is no such key
 */
export async function openDigestKey(folder: string): Promise<DigestSigner> {
  const file = path.join(folder, '.digest-key.pem');
  const pem = (await readFile(file, 'utf8').catch(ignoreMissing)) ?? (await makeKey(folder, file));
  const privateKey = readKey(pem, file);
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => Promise.resolve(sign('sha256', text, privateKey)),
  };
}

async function makeKey(folder: string, file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const draft = `${file}.tmp`;
  await rm(draft, { force: true });
  await writeFlushed(draft, Buffer.from(pem), 0o600);
  // Whatever the umask was.
  await chmod(draft, 0o600);
  await rename(draft, file);
  await flushDirectory(folder);
  return pem;
}

function readKey(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // No cause: the message may quote the file.
  }
  throw new ConfigError(`${file} is not a private key over P-256 in PEM`);
}
