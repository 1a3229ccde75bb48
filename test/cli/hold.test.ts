import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../functions/archive/capture.ts';
import { readThreadRecord } from '../../functions/archive/thread-record.ts';
import { readErasure } from '../../functions/erase/erasure-record.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { fakeConversations, hubSpotMessage, THREAD } from '../support/conversation.ts';

const ID = `${THREAD.portalId}/${THREAD.threadId}`;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  const store = await openFolderStore(folder);
  await createCaptureThread({
    conversations: fakeConversations([hubSpotMessage('m1', '2026-01-31T10:00:00Z')]).conversations,
    apiVersion: 'v3',
    store,
    sources: { getOriginal: () => Promise.reject(new Error('none')), files: undefined },
    settlingMs: 0,
  })({ ...THREAD, announced: { messageIds: [], occurredAt: 0, firstTry: true }, requestId: 'r' });
  await store.close();
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs what `npm run hold -- …` or `npm run erase -- …` runs, in a process without a terminal. */
function run(command: 'hold' | 'erase', ...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [`cli/${command}.ts`, ...args, '--folder', folder],
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

async function inFolder<T>(look: (store: Awaited<ReturnType<typeof openFolderStore>>) => Promise<T>) {
  const store = await openFolderStore(folder);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

const keys = () => inFolder((store) => Array.fromAsync(store.list('messages/')));
const why = ['--reason', 'a letter'];

describe('npm run hold and npm run erase on a folder', () => {
  it('keep a held thread, and erase it when it is ordered again after its release', async () => {
    expect(await run('hold', 'add', '--thread', ID, '--case', 'audit', ...why)).toEqual({
      code: 0,
      stdout: `${ID} held by audit\n`,
      stderr: '',
    });
    const listed = await run('hold', 'list');
    const held = await run('erase', '--thread', ID, ...why, '--yes');
    const kept = await keys();
    await run('hold', 'remove', '--case', 'audit', ...why);
    const erased = await run('erase', '--thread', ID, ...why, '--yes');

    expect(listed.stdout).toMatch(new RegExp(`^${ID} +audit .* ${userInfo().username} +a letter$`, 'm'));
    expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining(`${ID} held: order it again`) });
    expect(kept).toHaveLength(1);
    expect(erased).toMatchObject({ code: 0, stdout: expect.stringContaining(`${ID} erased, 1 files`) });
    expect(await keys()).toEqual([]);
    expect(await inFolder((store) => readErasure(store, THREAD))).toMatchObject({
      erasure: { ordered_by: userInfo().username, reason: 'a letter', objects: 1, versions: 1 },
    });
    expect(await inFolder((store) => readThreadRecord(store, THREAD))).toMatchObject({
      record: { erasure_outcome: 'erased' },
    });
    expect(await run('erase', '--thread', ID, ...why, '--yes')).toMatchObject({ code: 1 });
  });

  it('erase nothing unless somebody can confirm it', async () => {
    expect(await run('erase', '--thread', ID, ...why)).toMatchObject({
      code: 2,
      stderr: 'nobody can be asked here: erase takes a terminal, or --yes from a script\n',
    });

    expect(await keys()).toHaveLength(1);
    expect(await inFolder((store) => readErasure(store, THREAD))).toBeUndefined();
  });

  it('end with 1 when there is no such thread', async () => {
    expect(await run('hold', 'add', '--contact', 'nobody', ...why)).toMatchObject({
      code: 1,
      stderr: 'no such threads: nothing is done\n',
    });
    expect((await run('hold', 'list')).stdout).toBe('no holds\n');
  });
});
