import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Finding } from '../../../cli/verify/finding.ts';
import { describeProgress } from '../../../cli/verify/progress.ts';
import {
  describeReport,
  isWithoutDifference,
  type Report,
  writeHtml,
  writeJson,
} from '../../../cli/verify/report.ts';
import { ConfigError } from '../../../functions/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

function reportOf(findings: Finding[]): Report {
  const counts = Object.groupBy(findings, ({ kind }) => kind);
  return {
    facts: [['archive', './archive']],
    differences: { missing: counts['missing']?.length ?? 0, altered: counts['altered']?.length ?? 0 },
    summary: { is_proven: findings.length === 0 },
    proven: 'Proven: it is.',
    findings: () => findings,
  };
}

const finding = (kind: string, key: string): Finding => ({ kind, key, versionId: 'v1', detail: 'why' });
const HOSTILE = finding('missing', 'attachments/1/<script>alert("&")</script>.html');

describe('a report', () => {
  it('says what is proven when there is no difference', () => {
    expect(describeReport(reportOf([]))).toBe('archive  ./archive\n\nProven: it is.\n');
    expect(isWithoutDifference(reportOf([]))).toBe(true);
  });

  it('names each difference, and counts them by kind', () => {
    const text = describeReport(reportOf([finding('altered', 'a'), finding('missing', 'b')]));

    expect(text).toContain('altered     a (v1)  why\nmissing     b (v1)  why\n');
    expect(text).toContain('Differences: 1 missing, 1 altered.');
    expect(isWithoutDifference(reportOf([finding('altered', 'a')]))).toBe(false);
  });

  it('shows a screen of them, and says how many there are more', () => {
    const text = describeReport(reportOf(Array.from({ length: 25 }, (_, i) => finding('missing', `k${i}`))));

    expect(text).toContain('… and 5 more; --json FILE has them all');
    expect(text).not.toContain('k20 ');
  });

  it('cannot be written over by the key of an object that somebody has slipped in', () => {
    const text = describeReport(reportOf([finding('missing', 'a\u001b[2J\r\nProven: it is.\u202e')]));

    expect(text).toContain('missing     a⟨U+001B⟩[2J Proven: it is.⟨U+202E⟩');
    expect(text).not.toMatch(/^Proven/m);
  });

  it('is JSON with all of them', async () => {
    const file = path.join(folder, 'report.json');

    writeJson(file, reportOf([finding('altered', 'a'), HOSTILE]));

    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      is_proven: false,
      findings: [
        { kind: 'altered', key: 'a', version_id: 'v1', detail: 'why' },
        { kind: 'missing', key: HOSTILE.key, version_id: 'v1', detail: 'why' },
      ],
    });
    expect(await readdir(folder)).toEqual(['report.json']);
  });

  it('is a page that runs nothing and fetches nothing, whatever keys are called', async () => {
    const file = path.join(folder, 'report.html');

    writeHtml(file, reportOf([HOSTILE]));

    const page = await readFile(file, 'utf8');
    expect(page).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(/i);
  });

  it('names the file that cannot be written', () => {
    expect(() => {
      writeJson(path.join(folder, 'none', 'report.json'), reportOf([]));
    }).toThrow(
      new ConfigError(`the report ${path.join(folder, 'none', 'report.json')} cannot be written (ENOENT)`),
    );
  });

  it.each([
    ['none/report.json', 'ENOENT'],
    ['a-file/report.json', 'ENOTDIR'],
    ['a-folder', 'EISDIR'],
  ])('cannot be written to %s, which is known before anything is compared', async (name, code) => {
    await writeFile(path.join(folder, 'a-file'), '');
    await mkdir(path.join(folder, 'a-folder'));
    const file = path.join(folder, name);

    const verify = ['cli/verify.ts', '--folder', path.join(folder, 'no-archive'), '--json', file];
    const { status, stdout, stderr } = spawnSync(process.execPath, verify, { encoding: 'utf8' });

    expect(stderr).toBe(`the report ${file} cannot be written (${code})\n`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });
});

describe('the progress', () => {
  it('has a bar and a share where the end is known', () => {
    expect(describeProgress({ step: 'objects', done: 2_500, of: 10_000 }, { bar: true })).toBe(
      '[######..................] objects: 2,500 of 10,000, 25 %',
    );
    expect(describeProgress({ step: 'objects', done: 12, of: 10 }, { bar: false })).toBe(
      'objects: 12 of 10, 100 %',
    );
    expect(describeProgress({ step: 'digests', done: 7, of: undefined }, { bar: true })).toBe('digests: 7');
  });
});
