import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partKey, threadRecordKey } from '../../functions/archive/layout.ts';
import { archive, ID, row, sha256 } from './export/archive.ts';

let place: string;
let folder: string;
beforeEach(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'threadvault-export-'));
  folder = path.join(place, 'archive');
});
afterEach(() => rm(place, { recursive: true }));

/** Puts what an archive in memory has into the folder. */
async function writeFolder(from: ReturnType<typeof archive>): Promise<void> {
  for await (const key of from.source.list('')) {
    const file = path.join(folder, key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, (await from.source.get(key))!.body);
  }
}

async function writeOneThread(): Promise<void> {
  const from = archive();
  await from.putThread([row({ id: 'm1' }), row({ id: 'm2' })]);
  await writeFolder(from);
}

type Ended = { stdout: string; stderr: string; code: number | null };
function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['cli/export.ts', '--folder', folder, ...args],
      (_, stdout, stderr) => {
        resolve({ stdout, stderr, code: child.exitCode });
      },
    );
  });
}

const THREAD = ['--thread', `${ID.portalId}/${ID.threadId}`];

describe('npm run export', () => {
  it('writes a folder, and says the SHA-256 of the file that covers all others', async () => {
    await writeOneThread();
    const to = path.join(place, 'case');

    const { stdout, stderr, code } = await run(...THREAD, '--to', to);

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain(sha256(await readFile(path.join(to, 'request.json'))));
    expect((await readdir(to)).sort()).toEqual(['index.html', 'manifest.json', 'request.json', 'threads']);
    expect(await readdir(place)).toEqual(['archive', 'case']);
    // Nobody else on the machine may read a case.
    expect((await stat(to)).mode & 0o077).toBe(0);
  });

  it('writes one zip file, the same for the same archive but for the request', async () => {
    await writeOneThread();
    const names = ['a.zip', 'b.zip'].map((name) => path.join(place, name));

    for (const to of names) expect((await run(...THREAD, '--format', 'zip', '--to', to)).code).toBe(0);

    const [a, b] = await Promise.all(names.map((name) => readFile(name)));
    expect(a!.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    expect(a!.toString('latin1')).toContain(`threads/${ID.portalId}/${ID.threadId}/transcript.html`);
    const upToRequest = (zip: Buffer) => zip.subarray(0, zip.indexOf('request.json'));
    expect(upToRequest(a!)).toEqual(upToRequest(b!));
  });

  it('exports the rest and ends with 1 when something is damaged, naming no content', async () => {
    const from = archive();
    await from.putThread([row({ id: 'm1' }), row({ id: 'm2', createdAt: '2026-02-04T00:00:00Z' })]);
    from.put(partKey({ ...ID, dt: '2026-02-04' }), 'damaged');
    await writeFolder(from);
    const to = path.join(place, 'case');

    const { stderr, code } = await run(...THREAD, '--to', to);

    expect(code).toBe(1);
    expect(stderr).toContain('thread 62515/6065362089: the part is damaged and cannot be read');
    expect(
      await readFile(path.join(to, 'threads', ID.portalId, ID.threadId, 'messages.ndjson'), 'utf8'),
    ).toContain('"m1"');
  });

  it('does not touch what is there already', async () => {
    await writeOneThread();
    const to = path.join(place, 'case');
    await mkdir(to);

    const { stderr, code } = await run(...THREAD, '--to', to);

    expect(code).toBe(1);
    expect(stderr).toContain('is there already');
    expect(await readdir(to)).toEqual([]);
  });

  it('writes nothing when there is nothing to export', async () => {
    await writeOneThread();

    const { stderr, code } = await run('--contact', '1', '--to', path.join(place, 'case'));

    expect(code).toBe(1);
    expect(stderr).toContain('nothing is exported');
    expect(await readdir(place)).toEqual(['archive']);
  });

  it('ends with 2 when its command line cannot be used', async () => {
    expect((await run('--to', 'x')).code).toBe(2);
  });

  it('leaves nothing behind when it is broken off', async () => {
    await writeOneThread();
    // A part that is always another than the record says keeps the export waiting for a while.
    await writeFile(path.join(folder, partKey({ ...ID, dt: '2026-02-03' })), 'damaged');
    expect(await stat(path.join(folder, threadRecordKey(ID)))).toBeDefined();
    const child = spawn(process.execPath, [
      'cli/export.ts',
      '--folder',
      folder,
      ...THREAD,
      '--to',
      path.join(place, 'case'),
    ]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while ((await readdir(place)).length === 1) await new Promise((resolve) => setTimeout(resolve, 10));

    child.kill('SIGINT');

    expect(await ended).toBe(130);
    expect(await readdir(place)).toEqual(['archive']);
  });
});
