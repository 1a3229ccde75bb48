import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Change } from '../../functions/digest/digest.ts';
import { type FolderJournal, openFolderJournal } from '../../local/folder-journal.ts';
import { changeOf } from '../support/digest-chain.ts';

let folder: string;
let files: Map<string, string | null>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  files = new Map();
});
afterEach(() => rm(folder, { recursive: true }));

const open = () =>
  openFolderJournal(folder, (key) => {
    const sha256 = files.get(key);
    return Promise.resolve(sha256 === undefined ? undefined : { bytes: 1, sha256 });
  });

async function write(journal: FolderJournal, change: Change): Promise<void> {
  const { done } = await journal.announce(change);
  files.set(change.key, change.sha256);
  await done();
}

const keysTaken = async (journal: FolderJournal, limit = 10_000) =>
  (await journal.source.take(limit)).changes.map(({ key }) => key);

describe('the journal of a folder', () => {
  it('gives what has taken place, in its order, until it is acknowledged', async () => {
    const journal = await open();
    await write(journal, changeOf('a'));
    await write(journal, changeOf('b'));
    expect(await keysTaken(journal)).toEqual(['a', 'b']);

    const { acknowledge } = await journal.source.take(10_000);
    await write(journal, changeOf('c'));
    await acknowledge();

    expect(await keysTaken(journal)).toEqual(['c']);
    await journal.close();
  });

  it('gives nothing that was withdrawn, or is still under way', async () => {
    const journal = await open();
    (await journal.announce(changeOf('lost to another writer'))).withdraw();
    const { done } = await journal.announce(changeOf('under way'));
    const { changes, acknowledge } = await journal.source.take(10_000);
    expect(changes).toEqual([]);
    await acknowledge();

    await done();

    expect(await keysTaken(journal)).toEqual(['under way']);
    await journal.close();
  });

  it('outlives its process', async () => {
    const killed = await open();
    await write(killed, changeOf('a'));

    expect(await keysTaken(await open())).toEqual(['a']);
  });

  it('finds out what a killed process had done, and what it had only announced', async () => {
    const killed = await open();
    await killed.announce(changeOf('written'));
    await killed.announce(changeOf('not written'));
    await killed.announce(changeOf('erased', { event: 'erased', sha256: null }));
    await killed.announce(changeOf('not erased', { event: 'erased', sha256: null }));
    files.set('written', changeOf('written').sha256);
    files.set('not written', 'what was there before');
    files.set('not erased', 'what was there before');

    const journal = await open();

    expect((await keysTaken(journal)).sort()).toEqual(['erased', 'written']);
    await journal.close();
  });

  it('remembers what is under way while what is listed of it goes', async () => {
    const killed = await open();
    await write(killed, changeOf('a'));
    await killed.announce(changeOf('under way'));
    await (await killed.source.take(10_000)).acknowledge();
    files.set('under way', changeOf('under way').sha256);

    expect(await keysTaken(await open())).toEqual(['under way']);
  });

  it('passes over a line that a kill has cut off', async () => {
    const killed = await open();
    await write(killed, changeOf('a'));
    const [segment] = await readdir(path.join(folder, '.journal'));
    await appendFile(path.join(folder, '.journal', segment!), '{"confirmed":"x","change":{"ev');

    const journal = await open();
    await write(journal, changeOf('b'));

    expect(await keysTaken(journal)).toEqual(['a', 'b']);
    await journal.close();
  });

  it('gives about as much as a digest holds, and says that there is more', async () => {
    const journal = await open();
    for (const key of ['a', 'b', 'c']) {
      await write(journal, changeOf(key));
      await journal.source.take(1);
    }

    expect(await journal.source.take(2)).toMatchObject({ changes: [{ key: 'a' }, { key: 'b' }], more: true });
    await journal.close();
  });

  it('leaves nothing in a folder that nobody writes to', async () => {
    const journal = await open();
    await journal.source.take(10_000);
    await journal.close();

    expect(existsSync(path.join(folder, '.journal'))).toBe(false);
  });
});
