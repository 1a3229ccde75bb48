import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolderQueue } from '../../local/folder-queue.ts';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import { createSimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { serveArgs, startServe } from '../local/serve-process.ts';
import { queuedThread } from '../support/queue-record.ts';

const FAULT = {
  reason: 'HubSpotError: HubSpot answered 400',
  errorClass: 'HubSpotError',
  status: 400,
  requestId: 'request-1',
  receiveCount: 10,
};

let folder: string;
let cleanUp: AsyncDisposableStack;
beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  cleanUp.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => cleanUp.disposeAsync());

/** Runs what `npm run dead-letters -- …` runs, in a process of its own. */
function deadLetters(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['cli/dead-letters.ts', ...args], (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** Makes dead letters of threads, as `npm run serve` leaves them when it ends. */
async function bury(...threadIds: string[]): Promise<void> {
  const options = { delayMs: 0, visibilityMs: 1_000, maxReceiveCount: 10, now: Date.now };
  const queue = await openFolderQueue(path.join(folder, '.queue'), options);
  await queue.send(threadIds.map((threadId) => queuedThread({ threadId })));
  for (const { recordId } of queue.receive(threadIds.length)) queue.setAside(recordId, FAULT);
  await queue.close();
}

describe('npm run dead-letters on a folder', () => {
  it('lists and redrives while npm run serve is at work there', async () => {
    const hubspot = createSimulatedHubSpot({ late: { share: 0, maxMs: 0 } });
    const api = await hubspot.listen();
    cleanUp.defer(() => api.close());
    const { threadId } = createThread(hubspot.world);
    addEntry(hubspot.world, threadId, { type: 'COMMENT', text: 'Private words' });
    await bury(threadId, '404');
    const serve = startServe(serveArgs(folder, api.url));
    cleanUp.defer(async () => {
      serve.child.kill('SIGKILL');
      await serve.ended;
    });
    await serve.listening;

    const before = await deadLetters('list', '--folder', folder);
    const redriven = await deadLetters('redrive', '--thread', `62515/${threadId}`, '--folder', folder);

    expect(serve.lines[0]).toMatch(/; 0 queued, 2 given up$/);
    expect(before).toMatchObject({ code: 0, stderr: '' });
    expect(before.stdout).toMatch(
      new RegExp(`^${threadId} +62515 +\\d+ s +1 +400 +request-1 +HubSpotError: HubSpot answered 400$`, 'm'),
    );
    expect(redriven).toEqual({ code: 0, stdout: `62515/${threadId} redriven\n`, stderr: '' });
    await expect
      .poll(() => serve.lines.join('\n'))
      .toMatch(new RegExp(`^thread 62515/${threadId}: archived, 1 messages, `, 'm'));
    const after = await deadLetters('list', '--json', '--folder', folder);
    expect(JSON.parse(after.stdout)).toMatchObject([{ threadId: '404', errorClass: 'HubSpotError' }]);
  });

  it('ends with 1 and says so when there is no such dead letter', async () => {
    await bury('1');

    expect(await deadLetters('redrive', '--thread', '62515/2', '--folder', folder)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'no dead letters of thread 62515/2\n',
    });
  });
});

describe('npm run dead-letters', () => {
  it('says what it takes', async () => {
    const { code, stdout } = await deadLetters('--help');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: npm run dead-letters -- list/);
  });

  it('ends with 2 when its command line cannot be used', async () => {
    expect(await deadLetters('redrive')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'redrive takes one of --all and --thread PORTAL/THREAD\n',
    });
  });
});
