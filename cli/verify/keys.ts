import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { keyIdOf } from '../../functions/digest/digest.ts';
import { PUBLIC_KEYS_PREFIX, publicKeyKey } from '../../functions/digest/layout.ts';
import { ConfigError } from '../../functions/errors.ts';
import { codeOf } from '../../local/durable-files.ts';
import { type TrustedKeys } from './chain.ts';
import { type Evidence } from './evidence.ts';
import { type Notes } from './notes.ts';

/**
 * The one public key in a file: the operator's own copy.
 * @throws ConfigError when it cannot be read, or is no public key over P-256
 */
export async function readOwnKey(file: string): Promise<TrustedKeys> {
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(`the public key ${file} cannot be read (${codeOf(error)})`);
  });
  const key = parseKey(pem);
  if (key === undefined) throw new ConfigError(`${file} is not a public key over P-256 in PEM`);
  return new Map([[keyIdOf(key), key]]);
}

/** The public keys that lie beside the digests. One that is not what it is called, or not as it was put, is a difference. */
export async function readStoredKeys(evidence: Evidence, notes: Notes): Promise<TrustedKeys> {
  const keys = new Map<string, KeyObject>();
  for await (const { key: name, versionId, isDeleteMarker } of evidence.listVersions(PUBLIC_KEYS_PREFIX)) {
    const pem = isDeleteMarker ? undefined : (await evidence.read(name))?.toString('utf8');
    if (pem === undefined) continue;
    const key = parseKey(pem);
    const isWhole = key?.export({ type: 'spki', format: 'pem' }) === pem;
    if (key !== undefined && isWhole && publicKeyKey(keyIdOf(key)) === name) keys.set(keyIdOf(key), key);
    else
      notes.report({
        kind: 'altered',
        key: name,
        versionId,
        detail: 'not the public key that it is called after',
      });
  }
  return keys;
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    // A private key would be taken too: its public half.
    const key = pem.includes('PRIVATE') ? undefined : createPublicKey(pem);
    return key?.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}
