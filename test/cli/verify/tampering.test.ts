import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateArchive, generatedKeys } from '../../support/generated-archive.ts';
import {
  digestTampering,
  objectTampering,
  tamper,
  type Tampering,
  type Victim,
} from '../../support/tampering.ts';
import { verifyFolder } from '../../support/verify-folder.ts';

const SMALL = { objects: 120, digests: 6 };
const SMALL_RUNS = 440;
const LARGE = { objects: 10_000, digests: 20 };
const LARGE_RUNS = 10;
const TAMPERINGS_AT_ONCE = 6;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function generate(size: { objects: number; digests: number }): Promise<Victim> {
  await generateArchive(folder, size);
  return { folder, keys: [...generatedKeys(size.objects)], digests: size.digests };
}

/** Tampers, verifies, and undoes it: what is found must be what was done, no more and no less. */
async function expectNamed(victim: Victim, tamperings: Tampering[]): Promise<void> {
  const done = [];
  for (const tampering of tamperings) done.push(await tamper(victim, tampering));
  try {
    const { findings, is_proven } = await verifyFolder(folder);

    const named = new Set(findings.map(({ kind, key }) => `${kind} ${key}`));
    const expected = new Set(done.flatMap((each) => each.named));
    expect([...named].sort()).toEqual([...expected].sort());
    expect(is_proven).toBe(false);
  } finally {
    for (const { undo } of done) undo();
  }
}

describe('a verification', () => {
  it(`names each of ${SMALL_RUNS} tamperings for what it is, and nothing else`, async () => {
    const victim = await generate(SMALL);

    await fc.assert(
      fc.asyncProperty(fc.oneof(objectTampering, digestTampering), (tampering) =>
        expectNamed(victim, [tampering]),
      ),
      { numRuns: SMALL_RUNS },
    );

    expect(await verifyFolder(folder)).toMatchObject({ is_proven: true, findings: [] });
  }, 240_000);

  it(`names each of ${LARGE_RUNS * TAMPERINGS_AT_ONCE} tamperings with ${LARGE.objects} objects, ${TAMPERINGS_AT_ONCE} at once`, async () => {
    const victim = await generate(LARGE);
    const objectsApart = fc.uniqueArray(objectTampering, {
      minLength: TAMPERINGS_AT_ONCE - 1,
      maxLength: TAMPERINGS_AT_ONCE - 1,
      selector: ({ what, at, bit }) => (what === 'add an object' ? `new ${bit}` : at % LARGE.objects),
    });
    // A forged signature says nothing of the objects of other digests; the objects here are of the later ones.
    const late = (tampering: Tampering) => ({ ...tampering, at: (tampering.at % 5_000) + 5_000 });

    await fc.assert(
      fc.asyncProperty(objectsApart, fc.nat(8), async (objects, at) => {
        const digest = { what: 'take a digest away', at, other: 0, bit: 0 } as const;
        await expectNamed(victim, [...objects.map(late), digest]);
      }),
      { numRuns: LARGE_RUNS },
    );

    expect(await verifyFolder(folder)).toMatchObject({
      is_proven: true,
      objects: { unchanged: LARGE.objects },
    });
  }, 240_000);
});
