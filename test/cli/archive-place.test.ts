import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../cli/archive-place.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(parent, { recursive: true }));

describe('a command that writes to an archive in a folder', () => {
  it('makes no folder of a name that is misspelt', async () => {
    const folder = path.join(parent, 'archvie');

    await expect(openArchive({ folder })).rejects.toThrow(`there is no folder ${folder}`);
    expect(await readdir(parent)).toEqual([]);
  });
});
