import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError } from '../../local/command-line.ts';
import { numeral } from '../../local/numeral.ts';
import { describePlace, findBucket } from '../archive-place.ts';
import { type Evidence } from './evidence.ts';
import { openFolderEvidence } from './folder-evidence.ts';
import { readOwnKey, readStoredKeys } from './keys.ts';
import { type Notes, openNotes } from './notes.ts';
import { type VerifyCommand } from './options.ts';
import { type Progress } from './progress.ts';
import { type Report } from './report.ts';
import { createS3Evidence } from './s3-evidence.ts';
import { type Verification, verifyArchive } from './verify-archive.ts';

type Command = VerifyCommand & { against: 'digests' };

/** How a verification is run. */
export type Run = { signal: AbortSignal; onProgress: (progress: Progress) => void };

/**
 * Verifies an archive by its digests, and hands the report to whoever prints it. The report's differences can be read until
 * that has returned.
 * @throws UsageError when the notes to go on from are of another verification; ConfigError; what the place throws
 */
export async function verifyByDigests(
  command: Command,
  { signal, onProgress }: Run,
  print: (report: Report) => void,
): Promise<void> {
  const evidence = await openEvidence(command);
  const scratch =
    command.resume === undefined ? await mkdtemp(path.join(tmpdir(), 'threadvault-verify-')) : undefined;
  const file = command.resume ?? path.join(scratch ?? '', 'notes.sqlite');
  const notes = openNotes(file);
  try {
    checkNotes(notes, command);
    const keys =
      command.publicKey === undefined
        ? await readStoredKeys(evidence, notes)
        : await readOwnKey(command.publicKey);
    const rules = { keys, maxGapMs: command.maxGapMs, now: Date.now };
    const result = await verifyArchive(evidence, notes, { rules, signal, onProgress });
    print(reportOf(result, notes, command));
    notes.close();
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
  } finally {
    notes.close();
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

async function openEvidence({ place, deep }: Command): Promise<Evidence> {
  if ('folder' in place) return openFolderEvidence(place.folder);
  const { client, bucket } = await findBucket(place.stack);
  return createS3Evidence(client, bucket, { deep });
}

/** Notes of another archive, or of other rules, are no notes of this verification. */
function checkNotes(notes: Notes, { place, publicKey, deep, maxGapMs, resume }: Command): void {
  const told = JSON.stringify({ place, publicKey, deep, maxGapMs: String(maxGapMs) });
  const noted = notes.fact('told');
  if (noted !== undefined && noted !== told)
    throw new UsageError(`--resume ${resume ?? ''} has the notes of another verification; name another file`);
  notes.remember('told', told);
}

function reportOf(result: Verification, notes: Notes, command: Command): Report {
  const { chain, objects, differences, is_proven: isProven } = result;
  const place = describePlace(command.place);
  const how = 'folder' in command.place || command.deep ? 'every byte read' : "by S3's own checksums";
  const trust = command.publicKey ?? 'from the archive itself: take a copy';
  return {
    facts: [
      ['archive', place],
      ['digests', `${numeral(chain.digests)}, from ${chain.from ?? 'never'} to ${chain.to ?? 'never'} UTC`],
      ['newest digest', `SHA-256 ${chain.newest_sha256 ?? 'none'}`],
      ['public key', `${chain.key_ids.join(', ') || 'none'} (${trust})`],
      ['unchanged', `${numeral(objects.unchanged)} objects, ${how}`],
      ['erased', `${numeral(objects.erased)} objects, with an erasure on record`],
      ...(objects.expired === 0
        ? []
        : [['expired', `${numeral(objects.expired)} replaced versions, by the bucket's lifecycle`] as const]),
      ['not yet listed', `${numeral(objects.not_yet_listed)} objects, newer than the newest digest`],
    ],
    differences,
    summary: { archive: place, is_proven: isProven, chain, objects, differences },
    proven: 'Proven: every digest is signed, the chain is whole, and every object is as it was listed.',
    findings: () => notes.findings(),
  };
}
