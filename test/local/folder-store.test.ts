import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../functions/errors.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { describeObjectStore } from '../contract/object-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

describeObjectStore('a folder', async () => {
  const store = await openFolderStore(folder);
  return { store, close: () => store.close() };
});

describe('a folder', () => {
  it('holds nothing but the objects once the writers are done, losers included', async () => {
    const store = await openFolderStore(folder);
    const object = { body: Buffer.from('x'), sha256: '', contentType: '', metadata: {} };
    const write = () => store.put({ ...object, key: 'threads/1.json', condition: { absent: true } });
    await Promise.allSettled([write(), write(), write()]);
    await store.close();

    const files = await readdir(folder, { recursive: true });

    expect(files.sort()).toEqual(['threads', path.join('threads', '1.json')]);
  });

  it('refuses a folder that another running process has', async () => {
    await writeFile(path.join(folder, '.lock'), String(process.ppid));

    await expect(openFolderStore(folder)).rejects.toThrow(`is in use by process ${process.ppid}`);
  });

  it('takes over a folder whose process is gone', async () => {
    const NO_SUCH_PROCESS = 2 ** 22 + 1;
    await writeFile(path.join(folder, '.lock'), String(NO_SUCH_PROCESS));

    const store = await openFolderStore(folder);

    expect(await store.get('threads/1.json')).toBeUndefined();
    await store.close();
  });

  it('names a folder that cannot be written', async () => {
    await writeFile(path.join(folder, 'file'), '');

    const opening = openFolderStore(path.join(folder, 'file'));

    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/file cannot be written \((ENOTDIR|EEXIST)\)/);
  });
});
