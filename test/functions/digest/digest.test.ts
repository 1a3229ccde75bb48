import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDigest,
  DIGEST_FORMAT,
  encodeDigest,
  isSignedBy,
  keyIdOf,
} from '../../../functions/digest/digest.ts';
import { changeOf, testSigner } from '../../support/digest-chain.ts';
import { hasProgram } from '../../support/programs.ts';

const signer = testSigner();
const STATEMENT = {
  format: DIGEST_FORMAT,
  sequence: 0,
  written_at: '2026-02-02 12:00:00.000',
  written_by: 'run',
  previous_sha256: null,
  key_id: signer.keyId,
  changes: [changeOf('attachments/1/写 "真".txt')],
} as const;
const bytes = await encodeDigest({ ...STATEMENT, changes: [...STATEMENT.changes] }, signer.sign);

describe('a digest', () => {
  it('says what was written, and is signed', () => {
    const digest = decodeDigest(bytes)!;

    expect(digest.statement).toEqual(STATEMENT);
    expect(isSignedBy(digest, signer.publicKey)).toBe(true);
    expect(isSignedBy(digest, testSigner().publicKey)).toBe(false);
  });

  it('is no digest, or not signed, with any one bit the other way round', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);

        const digest = decodeDigest(flipped);

        expect(digest !== undefined && isSignedBy(digest, signer.publicKey)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a blank more', (text: string) => text.replace('{', '{ ')],
    ['no line break at its end', (text: string) => text.trimEnd()],
    ['a letter written as an escape', (text: string) => text.replace('signed', '\\u0073igned')],
    ['a member more', (text: string) => text.replace('{', '{"note":1,')],
  ])('is no digest with %s, though what is signed is the same', (_, change) => {
    expect(decodeDigest(Buffer.from(change(bytes.toString())))).toBeUndefined();
  });

  it('is not taken for one when the same key has signed something else', async () => {
    const other = { ...STATEMENT, format: 'something else', changes: [] };

    expect(decodeDigest(await encodeDigest(other as never, signer.sign))).toBeUndefined();
  });
});

describe.runIf(hasProgram('openssl', 'version'))('a public key', () => {
  it('is called what openssl says', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'threadvault-'));
    const file = path.join(folder, 'key.pem');
    writeFileSync(file, signer.publicKeyPem);

    const der = execFileSync('openssl', ['pkey', '-pubin', '-in', file, '-outform', 'DER']);
    const said = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der, encoding: 'utf8' });

    rmSync(folder, { recursive: true });
    expect(said.split(' ')[0]).toBe(keyIdOf(signer.publicKey));
  });
});
