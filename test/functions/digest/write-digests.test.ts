import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { digestKey, publicKeyKey } from '../../../functions/digest/layout.ts';
import { createWriteDigests, type DigestDeps } from '../../../functions/digest/write-digests.ts';
import { ConflictError } from '../../../functions/errors.ts';
import { changeOf, readWholeChain, testSigner, waitingChanges } from '../../support/digest-chain.ts';
import { recordingStore } from '../../support/recording-store.ts';

const signer = testSigner();
const NOW = Date.UTC(2026, 1, 2, 12);
const request = { requestId: 'run', hasTime: () => true };

let archive: ReturnType<typeof recordingStore>;
let source: ReturnType<typeof waitingChanges>;
let deps: DigestDeps;
beforeEach(() => {
  archive = recordingStore();
  source = waitingChanges();
  deps = { store: archive.store, source, signer, now: () => NOW };
});

const chain = () => readWholeChain(archive.store, signer);
const keysListed = async () => (await chain()).flatMap(({ changes }) => changes.map(({ key }) => key));

describe('a run', () => {
  it('lists what waits, signed, and acknowledges it', async () => {
    source.add(changeOf('a'), changeOf('b'));

    const run = await createWriteDigests(deps)(request);

    expect(run).toMatchObject({ digests: 1, changes: 2, head: { sequence: 0 } });
    expect(await chain()).toEqual([
      {
        format: 'threadvault-digest-1',
        sequence: 0,
        written_at: '2026-02-02 12:00:00.000',
        written_by: 'run',
        previous_sha256: null,
        key_id: signer.keyId,
        changes: [changeOf('a'), changeOf('b')],
      },
    ]);
    source.giveBack();
    expect(await source.take(10)).toMatchObject({ changes: [] });
  });

  it('writes a digest of nothing when nothing has changed, to prove it', async () => {
    const writeDigests = createWriteDigests(deps);

    await writeDigests(request);
    await writeDigests(request);

    expect((await chain()).map(({ changes }) => changes.length)).toEqual([0, 0]);
  });

  it('writes as many digests as it takes, and no empty one behind them', async () => {
    source.add(...Array.from({ length: 20_000 }, (_, i) => changeOf(`k${i}`)));

    const run = await createWriteDigests(deps)(request);

    expect(run).toMatchObject({ digests: 2, changes: 20_000 });
    expect((await chain()).map(({ changes }) => changes.length)).toEqual([10_000, 10_000]);
  });

  it('leaves the rest to the next when there is no more time', async () => {
    source.add(...Array.from({ length: 10_001 }, (_, i) => changeOf(`k${i}`)));

    const run = await createWriteDigests(deps)({ ...request, hasTime: () => false });

    expect(run).toMatchObject({ digests: 1, changes: 10_000 });
  });

  it('puts the public key beside the digests, once', async () => {
    const writeDigests = createWriteDigests(deps);

    await writeDigests(request);
    await writeDigests(request);

    const keys = archive.writes.filter(({ key }) => key === publicKeyKey(signer.keyId));
    expect(keys.map(({ body }) => body.toString())).toEqual([signer.publicKeyPem]);
  });

  it('knows its own digest when the answer was lost and the write repeated', async () => {
    source.add(changeOf('a'));
    const put: typeof archive.store.put = async (written) => {
      const result = await archive.store.put(written);
      if (written.key === digestKey(0)) throw new ConflictError('it is there already');
      return result;
    };

    await createWriteDigests({ ...deps, store: { ...archive.store, put } })(request);

    expect(await keysListed()).toEqual(['a']);
  });

  it('is never dated before the digest before it', async () => {
    let now = NOW;
    const writeDigests = createWriteDigests({ ...deps, now: () => now });
    await writeDigests(request);
    now -= 60_000;

    await writeDigests(request);

    expect((await chain()).map(({ written_at }) => written_at)).toEqual([
      '2026-02-02 12:00:00.000',
      '2026-02-02 12:00:00.000',
    ]);
  });

  it('goes on behind a digest that somebody has damaged, and names it as it stands', async () => {
    const writeDigests = createWriteDigests(deps);
    await writeDigests(request);
    archive.overwrite(digestKey(0), Buffer.from('damaged'));

    expect(await writeDigests(request)).toMatchObject({ head: { sequence: 1 } });
  });

  it('finds the end of a chain of any length, from wherever another run of its process has left off', async () => {
    const writers = [createWriteDigests(deps)];
    for (let sequence = 0; sequence < 40; sequence++) {
      writers.push(createWriteDigests(deps));
      const run = await writers[(sequence * 7) % writers.length]!(request);

      expect(run.head.sequence).toBe(sequence);
    }
    expect(await chain()).toHaveLength(40);
  });
});

describe('runs that are cut off between any two calls', () => {
  /** Lets so many calls through; the next is cut off before or after it takes effect, and all that follow. */
  function cutOffAfter(calls: number, takesEffect: boolean): DigestDeps {
    let left = calls;
    const cut = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (left-- > 0) return call(...args);
        if (left === -1 && takesEffect) await call(...args);
        throw new Error('cut off');
      };
    };
    const { get, put, describe: describeKey } = archive.store;
    return {
      ...deps,
      store: { get: cut(get), put: cut(put), describe: cut(describeKey) },
      signer: { ...signer, sign: cut(signer.sign) },
      source: {
        take: cut(async (limit: number) => {
          const taken = await source.take(limit);
          return { ...taken, acknowledge: cut(taken.acknowledge) };
        }),
      },
    };
  }

  it.each([true, false])(
    'leave no hole and no fork, and lose nothing (the last call takes effect: %s)',
    async (takesEffect) => {
      for (let calls = 0; ; calls++) {
        archive = recordingStore();
        source = waitingChanges();
        deps = { ...deps, store: archive.store, source };
        source.add(changeOf('first'));
        await createWriteDigests(deps)(request);
        source.add(...Array.from({ length: 10_002 }, (_, i) => changeOf(`k${i}`)));

        const ended = await createWriteDigests(cutOffAfter(calls, takesEffect))(request).then(
          () => 'whole',
          () => 'cut off',
        );
        source.giveBack();
        await createWriteDigests(deps)(request);

        expect(new Set(await keysListed()).size).toBe(10_003);
        if (ended === 'whole') {
          expect(calls).toBeGreaterThan(8);
          break;
        }
      }
    },
  );
});

describe('runs at once', () => {
  it('make one chain, and list everything once, whoever comes first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, runs) => {
        archive = recordingStore();
        source = waitingChanges();
        source.add(...Array.from({ length: 5 }, (_, i) => changeOf(`k${i}`)));
        const { get, put, describe: describeKey } = archive.store;
        const late = <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
          scheduler.scheduleFunction((...args: A) => call(...args));
        const store = { get: late(get), put: late(put), describe: late(describeKey) };
        const few = { take: late(() => source.take(2)) };

        const all = Promise.all(
          Array.from({ length: runs }, () => createWriteDigests({ ...deps, store, source: few })(request)),
        );
        await scheduler.waitFor(all);

        expect((await keysListed()).sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
      }),
      { numRuns: 200 },
    );
  });
});
