import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FINDING_KINDS } from '../../cli/verify/finding.ts';
import { changeSchema, statementSchema } from '../../functions/digest/digest.ts';
import { generateArchive } from '../support/generated-archive.ts';
import { hasProgram } from '../support/programs.ts';
import { tamper } from '../support/tampering.ts';
import { codeBlocks, firstTable, readDocument, section } from './markdown.ts';

const PAGE = readDocument('docs/digests.md');
const FORMAT = section(PAGE, '## What a digest looks like');
const names = (table: string[][]) => table.flatMap(([name]) => name!.split(', '));

describe('the page of the digests', () => {
  it('has the fields that a digest has, and those of its changes', () => {
    expect(names(firstTable(FORMAT))).toEqual(Object.keys(statementSchema.shape));
    const ofChanges = FORMAT.slice(FORMAT.indexOf('Each of the'));
    expect(names(firstTable(ofChanges))).toEqual(Object.keys(changeSchema.shape));
  });

  it('has every difference that verifying names', () => {
    expect(names(firstTable(section(PAGE, '## What verifying says')))).toEqual([...FINDING_KINDS]);
  });
});

const hasAll =
  hasProgram('openssl', 'version') && hasProgram('jq', '--version') && hasProgram('sha256sum', '--version');

describe.runIf(hasAll)('the commands that check a digest by hand', () => {
  const [script] = codeBlocks(section(PAGE, '## Check one by hand'), 'sh');
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'threadvault-'));
    await generateArchive(folder, { objects: 20, digests: 2 });
    const keys = path.join(folder, 'digests', 'keys');
    copyFileSync(path.join(keys, readdirSync(keys)[0]!), path.join(folder, 'public-key.pem'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = () => {
    try {
      return execFileSync('bash', ['-c', script!], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const victim = () => ({ folder, keys: [], digests: 2 });

  it('say that it is signed, that the chain is whole, and that its objects are as listed', () => {
    expect(run()).toBe('Verified OK\nChain OK\nObjects OK\n');
  });

  it('say that it is not signed, when somebody else has signed it', async () => {
    await tamper(victim(), { what: 'sign a digest with another key', at: 1, other: 0, bit: 0 });

    expect(run()).toMatch(/^Verification failure$/im);
    expect(run()).not.toContain('Verified OK');
  });

  it('do not call a chain whole whose first digest was written anew', async () => {
    const what = 'leave a change out of a digest, and sign it with the right key';
    await tamper(victim(), { what, at: 0, other: 0, bit: 0 });

    expect(run()).toContain('Verified OK');
    expect(run()).not.toContain('Chain OK');
  });
});
