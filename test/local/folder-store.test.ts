import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, StoreError } from '../../functions/errors.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { describeObjectStore } from '../contract/object-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

describeObjectStore('a folder', async () => {
  const store = await openFolderStore(folder);
  return { store, eraser: store, close: () => store.close() };
});

describe('a folder', () => {
  it('holds nothing but the objects and its journal once the writers are done, losers included', async () => {
    const store = await openFolderStore(folder);
    const object = { body: Buffer.from('x'), sha256: '', contentType: '', metadata: {} };
    const write = () => store.put({ ...object, key: 'threads/1.json', condition: { absent: true } });
    await Promise.allSettled([write(), write(), write()]);
    expect(await readdir(path.join(folder, '.drafts'))).toEqual([]);
    await store.close();

    const files = await readdir(folder, { recursive: true });

    const objects = files.filter((file) => !file.startsWith('.journal'));
    expect(objects.sort()).toEqual(['threads', path.join('threads', '1.json')]);
  });

  it('calls it trouble of the store when the disk does not do as told', async () => {
    const store = await openFolderStore(folder);
    const object = { body: Buffer.from('x'), sha256: '', contentType: '', metadata: {} };
    await writeFile(path.join(folder, 'threads'), 'a file where a folder should be');

    const writing = store.put({ ...object, key: 'threads/1.json', condition: { absent: true } });

    await expect(writing).rejects.toThrow(
      new StoreError("the folder's disk does not write threads/1.json: EEXIST"),
    );
    await expect(store.get('threads/1.json')).rejects.toThrow(
      new StoreError("the folder's disk does not read threads/1.json: ENOTDIR"),
    );
    await store.close();
  });

  it('refuses a folder that another running process has', async () => {
    await writeFile(path.join(folder, '.lock'), String(process.ppid));

    await expect(openFolderStore(folder)).rejects.toThrow(`is in use by process ${process.ppid}`);
  });

  it('clears away what a killed writer has left', async () => {
    const killed = await openFolderStore(folder);
    await writeFile(path.join(folder, '.drafts', 'a.tmp'), 'half an obj');
    await writeFile(path.join(folder, '.lock-a.tmp'), '');

    const store = await openFolderStore(folder);

    expect(await readdir(folder, { recursive: true })).toEqual(['.drafts', '.lock']);
    await store.close();
    await killed.close();
  });

  it('lists nothing that begins with a dot, and prefixes that end within a name', async () => {
    const store = await openFolderStore(folder);
    const object = { body: Buffer.from('x'), sha256: '', contentType: '', metadata: {} };
    for (const key of ['threads/a/1.json', 'threads/ab/1.json', 'threads/b/1.json']) {
      await store.put({ ...object, key, condition: { absent: true } });
    }
    await mkdir(path.join(folder, 'threads', '.queue'));
    await writeFile(path.join(folder, 'threads', '.queue', 'journal'), '');
    await writeFile(path.join(folder, '.drafts', 'a.tmp'), '');

    const keys = await Array.fromAsync(store.list(''));

    expect(keys.sort()).toEqual(['threads/a/1.json', 'threads/ab/1.json', 'threads/b/1.json']);
    expect((await Array.fromAsync(store.list('threads/a'))).sort()).toEqual(keys.slice(0, 2));
    expect(await Array.fromAsync(store.list('messages/'))).toEqual([]);
    await store.close();
  });

  it.runIf(process.platform === 'linux')(
    'takes over a folder whose process is gone while another has its id',
    async () => {
      await writeFile(path.join(folder, '.lock'), `${process.ppid} 1`);

      const store = await openFolderStore(folder);

      await store.close();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('does not free a folder that another process has taken over', async () => {
    const store = await openFolderStore(folder);
    await writeFile(path.join(folder, '.lock'), String(process.ppid));

    await store.close();

    expect(await readFile(path.join(folder, '.lock'), 'utf8')).toBe(String(process.ppid));
  });

  it('gives way to a process that took the folder at the same moment', async () => {
    const lock = path.join(folder, '.lock');
    const opening = openFolderStore(folder);
    while (!existsSync(lock)) await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(lock, String(process.ppid));

    await expect(opening).rejects.toThrow(`is in use by process ${process.ppid}`);
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
