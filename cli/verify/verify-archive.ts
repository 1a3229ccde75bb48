import { checkNewest, type ChainRules, describeChain, readChain } from './chain.ts';
import { type Evidence } from './evidence.ts';
import { FINDING_KINDS } from './finding.ts';
import { type Notes, STATES } from './notes.ts';
import { judge, lookAtObjects, readWaiting } from './objects.ts';
import { type Progress } from './progress.ts';

/** How to verify. */
export type VerifyOptions = {
  rules: ChainRules;
  /** Breaks it off; the notes then know how far it came. */
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
};

/** What a verification has found. The differences themselves are in the notes. Times are UTC. */
export type Verification = {
  chain: {
    digests: number;
    newest_sha256: string | null;
    from: string | null;
    to: string | null;
    key_ids: string[];
  };
  /** Versions, by what has become of them. */
  objects: { unchanged: number; erased: number; expired: number; not_yet_listed: number };
  /** How many of each kind, by {@link FINDING_KINDS}. */
  differences: Readonly<Record<string, number>>;
  is_proven: boolean;
};

/**
 * Compares an archive with its digests: that each digest is signed, and the chain whole and in order; that every version
 * listed is there and unchanged, or erased on record; and that nothing is there that no digest lists. The archive may be
 * written meanwhile. What it must remember is in the notes, so memory does not follow the size of the archive.
 */
export async function verifyArchive(
  evidence: Evidence,
  notes: Notes,
  { rules, signal, onProgress = () => undefined }: VerifyOptions,
): Promise<Verification> {
  let digests = 0;
  const onDigest = () => {
    signal.throwIfAborted();
    onProgress({ step: 'digests', done: ++digests, of: undefined });
  };
  // The changes first: what leaves them meanwhile is in a digest by then.
  const readLists = async () => {
    await readWaiting(evidence, notes);
    await readChain(evidence, notes, { rules, onDigest });
  };
  await readLists();
  const of = notes.countListed();
  let done = 0;
  await lookAtObjects(evidence, notes, {
    signal,
    onObject: () => {
      onProgress({ step: 'objects', done: ++done, of });
    },
  });
  onProgress({ step: 'differences', done: 0, of: undefined });
  await readLists();
  await judge(evidence, notes);
  checkNewest(notes, rules);
  return summarise(notes, rules);
}

function summarise(notes: Notes, { keys }: ChainRules): Verification {
  const counts = notes.counts();
  const { digests, newestSha256, from, to } = describeChain(notes);
  const differences = Object.fromEntries(FINDING_KINDS.map((kind) => [kind, counts.ofKind(kind)]));
  return {
    chain: {
      digests,
      newest_sha256: newestSha256 ?? null,
      from: from ?? null,
      to: to ?? null,
      key_ids: [...keys.keys()],
    },
    objects: {
      unchanged: counts.inState(STATES.unchanged),
      erased: counts.inState(STATES.erased),
      expired: counts.inState(STATES.expired),
      not_yet_listed: counts.inState(STATES.waiting),
    },
    differences,
    is_proven: Object.values(differences).every((count) => count === 0),
  };
}
