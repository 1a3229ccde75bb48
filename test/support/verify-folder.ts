import { type ChainRules } from '../../cli/verify/chain.ts';
import { type Finding } from '../../cli/verify/finding.ts';
import { openFolderEvidence } from '../../cli/verify/folder-evidence.ts';
import { readStoredKeys } from '../../cli/verify/keys.ts';
import { openNotes } from '../../cli/verify/notes.ts';
import { verifyArchive } from '../../cli/verify/verify-archive.ts';

/** Verifies a folder with the keys that lie in it, and gives all differences, in their order. */
export async function verifyFolder(folder: string, rules: Partial<ChainRules> = {}) {
  const evidence = await openFolderEvidence(folder);
  const notes = openNotes('');
  try {
    const keys = rules.keys ?? (await readStoredKeys(evidence, notes));
    const { signal } = new AbortController();
    const result = await verifyArchive(evidence, notes, {
      rules: { maxGapMs: Infinity, now: Date.now, ...rules, keys },
      signal,
    });
    const findings: Finding[] = [...notes.findings()];
    return { ...result, findings };
  } finally {
    notes.close();
  }
}
