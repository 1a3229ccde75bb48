import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { partKey } from '../../functions/archive/layout.ts';
import { decodeDigest, encodeDigest } from '../../functions/digest/digest.ts';
import { digestKey } from '../../functions/digest/layout.ts';
import { fileOf } from '../../local/folder-reader.ts';

/** What somebody does to an archive. `at`, `other` and `bit` are taken modulo what there is. */
export type Tampering = {
  what:
    | 'flip a bit of an object'
    | 'take an object away'
    | 'add an object'
    | 'flip a bit of a digest'
    | 'take a digest away'
    | 'exchange two digests'
    | 'put another digest in its place'
    | 'sign a digest with another key'
    | 'leave a change out of a digest, and sign it with the right key';
  at: number;
  other: number;
  bit: number;
};

/** The archive that is tampered with. */
export type Victim = { folder: string; keys: readonly string[]; digests: number };

/** Differences that must be found, and how else digests may be named for it: `kind key`. */
export type Expected = { named: string[]; undo: () => void };

const numbers = { at: fc.nat(), other: fc.nat(), bit: fc.nat() };
/** A tampering with an object. */
export const objectTampering: fc.Arbitrary<Tampering> = fc.record({
  what: fc.constantFrom('flip a bit of an object', 'take an object away', 'add an object'),
  ...numbers,
});
/** A tampering with a digest. */
export const digestTampering: fc.Arbitrary<Tampering> = fc.record({
  what: fc.constantFrom(
    'flip a bit of a digest',
    'take a digest away',
    'exchange two digests',
    'put another digest in its place',
    'sign a digest with another key',
    'leave a change out of a digest, and sign it with the right key',
  ),
  ...numbers,
});

/** Does it, and says what of it must be found, exactly. */
export async function tamper(victim: Victim, { what, at, other, bit }: Tampering): Promise<Expected> {
  const { folder, keys, digests } = victim;
  const key = keys[at % keys.length]!;
  const sequence = at % digests;
  const another = (sequence + 1 + (other % (digests - 1))) % digests;
  switch (what) {
    case 'flip a bit of an object':
      return change(folder, key, flip(bit), [`altered ${key}`]);
    case 'take an object away':
      return { named: [`missing ${key}`], undo: takeAway(fileOf(folder, key)) };
    case 'add an object':
      return addObject(folder, bit);
    case 'flip a bit of a digest':
      return change(folder, digestKey(sequence), flip(bit), [
        `bad signature ${digestKey(sequence)}`,
        ...afterChangeOf(sequence, victim),
        ...unlistedWithout(victim, sequence),
      ]);
    case 'take a digest away':
      return {
        named: [`broken chain ${digestKey(sequence)}`, ...unlistedWithout(victim, sequence)],
        undo: takeAway(fileOf(folder, digestKey(sequence))),
      };
    case 'exchange two digests': {
      const [a, b] = [sequence, another].map((each) => readDigest(folder, each)) as [Buffer, Buffer];
      const first = change(folder, digestKey(sequence), () => b, brokenAround(sequence, victim));
      const second = change(folder, digestKey(another), () => a, brokenAround(another, victim));
      return {
        named: [...new Set([...first.named, ...second.named])],
        undo: () => {
          first.undo();
          second.undo();
        },
      };
    }
    case 'put another digest in its place':
      return change(folder, digestKey(sequence), () => readDigest(folder, another), [
        ...brokenAround(sequence, victim),
        ...unlistedWithout(victim, sequence),
      ]);
    case 'sign a digest with another key': {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { statement } = decodeDigest(readDigest(folder, sequence))!;
      const forged = await encodeDigest(statement, (text) =>
        Promise.resolve(sign('sha256', text, privateKey)),
      );
      return change(folder, digestKey(sequence), () => forged, [
        `bad signature ${digestKey(sequence)}`,
        ...afterChangeOf(sequence, victim),
        ...unlistedWithout(victim, sequence),
      ]);
    }
    case 'leave a change out of a digest, and sign it with the right key': {
      const privateKey = createPrivateKey(readFileSync(path.join(folder, '.digest-key.pem')));
      const { statement } = decodeDigest(readDigest(folder, sequence))!;
      const [left, ...changes] = statement.changes;
      const forged = await encodeDigest({ ...statement, changes }, (text) =>
        Promise.resolve(sign('sha256', text, privateKey)),
      );
      return change(folder, digestKey(sequence), () => forged, [
        ...afterChangeOf(sequence, victim),
        `unlisted ${left!.key}`,
      ]);
    }
  }
}

/** Who says that a digest is not as it was: the next one, or the note of the newest. */
function afterChangeOf(sequence: number, { digests }: Victim): string[] {
  return [`broken chain ${digestKey(Math.min(sequence + 1, digests - 1))}`];
}

function brokenAround(sequence: number, victim: Victim): string[] {
  return [`broken chain ${digestKey(sequence)}`, ...afterChangeOf(sequence, victim)];
}

function unlistedWithout({ folder }: Victim, sequence: number): string[] {
  return decodeDigest(readDigest(folder, sequence))!.statement.changes.map(({ key }) => `unlisted ${key}`);
}

function readDigest(folder: string, sequence: number): Buffer {
  return readFileSync(fileOf(folder, digestKey(sequence)));
}

function flip(bit: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const at = bit % (bytes.length * 8);
    const flipped = Buffer.from(bytes);
    flipped[at >> 3]! ^= 1 << (at & 7);
    return flipped;
  };
}

function change(folder: string, key: string, edit: (bytes: Buffer) => Buffer, named: string[]): Expected {
  const file = fileOf(folder, key);
  const before = readFileSync(file);
  writeFileSync(file, edit(before));
  return {
    named,
    undo: () => {
      writeFileSync(file, before);
    },
  };
}

function takeAway(file: string): () => void {
  const aside = path.join(path.dirname(file), `.aside-${path.basename(file)}`);
  renameSync(file, aside);
  return () => {
    renameSync(aside, file);
  };
}

function addObject(folder: string, id: number): Expected {
  // In the folder of a day that there is.
  const key = partKey({ portalId: '62515', dt: '2026-01-02', threadId: `7${id}` });
  const file = fileOf(folder, key);
  writeFileSync(file, 'put there by somebody');
  return {
    named: [`unlisted ${key}`],
    undo: () => {
      rmSync(file);
    },
  };
}
