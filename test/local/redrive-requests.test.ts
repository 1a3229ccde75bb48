import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueError } from '../../functions/errors.ts';
import { type FolderQueue, openFolderQueue } from '../../local/folder-queue.ts';
import { countRequests, leaveRequest, watchRequests } from '../../local/redrive-requests.ts';
import { createRandom } from '../../local/simulated-hubspot/random.ts';
import { queuedThread } from '../support/queue-record.ts';

let parent: string;
let folder: string;
let cleanUp: AsyncDisposableStack;
beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  parent = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  cleanUp.defer(() => rm(parent, { recursive: true }));
  folder = path.join(parent, '.queue');
  await mkdir(path.join(folder, 'set-aside'), { recursive: true });
});
afterEach(() => cleanUp.disposeAsync());

type Redrive = FolderQueue['redrive'];
const REQUEST = { recordIds: ['a', 'b'], perSecond: 10 };

/** Watches for requests with a queue that does as told. */
async function watch(redrive: Redrive): Promise<string[]> {
  const notices: string[] = [];
  const { stop } = await watchRequests(folder, { redrive }, (notice) => notices.push(notice));
  cleanUp.defer(stop);
  return notices;
}

describe('a request to redrive', () => {
  it('is carried out when the home starts, or while it runs, and gone only when that is done', async () => {
    const calls: Parameters<Redrive>[] = [];
    const filesAtCall: number[] = [];
    const redrive: Redrive = async (...args) => {
      calls.push(args);
      filesAtCall.push(await countRequests(folder));
    };
    await leaveRequest(folder, REQUEST);

    await watch(redrive);

    expect(calls).toEqual([[['a', 'b'], 10]]);
    const later = await leaveRequest(folder, { recordIds: ['c'], perSecond: 1 });
    await expect.poll(() => existsSync(later)).toBe(false);
    expect(calls[1]).toEqual([['c'], 1]);
    expect(filesAtCall).toEqual([1, 1]);
    expect(await readdir(path.join(folder, 'redrive'))).toEqual([]);
  });

  it('stays when the disk takes nothing, is said so once, and is tried again', async () => {
    let calls = 0;
    await leaveRequest(folder, REQUEST);

    const notices = await watch(() =>
      ++calls < 3 ? Promise.reject(new QueueError('the disk is full')) : Promise.resolve(),
    );

    expect(await countRequests(folder)).toBe(1);
    await expect.poll(() => countRequests(folder)).toBe(0);
    expect(calls).toBe(3);
    expect(notices).toEqual(['dead letters cannot be redriven yet: the disk is full']);
  });

  it.each(['{', '{"recordIds":"a","perSecond":1}', '{"recordIds":[],"perSecond":0}'])(
    'that reads %s is set aside and named, and stops no other',
    async (text) => {
      let calls = 0;
      const file = await leaveRequest(folder, REQUEST);
      await writeFile(path.join(folder, 'redrive', '0.json'), text);

      const notices = await watch(() => {
        calls++;
        return Promise.resolve();
      });

      expect(calls).toBe(1);
      expect(existsSync(file)).toBe(false);
      expect(notices).toEqual([
        expect.stringMatching(/0\.json is not a request to redrive: set aside as set-aside/),
      ]);
      expect(await readdir(path.join(folder, 'set-aside'))).toEqual(['0.json']);
    },
  );
});

const LETTERS = 90;
const KILLS = 6;
const MOST_IN_A_LIFE = 12;
/** Opens the queue and carries out some requests, saying so before and after each, until it is killed. */
const HOME = `
  const { openFolderQueue } = await import('./local/folder-queue.ts');
  const { watchRequests } = await import('./local/redrive-requests.ts');
  const folder = process.argv[1];
  const options = { delayMs: 0, visibilityMs: 1e9, maxReceiveCount: 10, now: Date.now };
  const queue = await openFolderQueue(folder, options);
  let redriven = 0;
  async function redrive(...args) {
    if (redriven++ === ${MOST_IN_A_LIFE}) await new Promise(() => setInterval(() => {}, 1000));
    process.stdout.write('<');
    await queue.redrive(...args);
    process.stdout.write('>');
  }
  await watchRequests(folder, { redrive }, console.error);`;

/** Lets a home live until it has said so much. Some more may have happened by then. */
async function killAfter(signs: number): Promise<void> {
  const home = spawn(process.execPath, ['--input-type=module', '--eval', HOME, folder]);
  const ended = once(home, 'close');
  let said = '';
  for await (const chunk of home.stdout) {
    said += String(chunk);
    if (said.length >= signs) home.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
}

it('loses no dead letter when the home is killed again and again in the middle of redriving them', async () => {
  const options = { delayMs: 0, visibilityMs: 1, maxReceiveCount: 10, now: Date.now };
  const queue = await openFolderQueue(folder, options);
  await queue.send(Array.from({ length: LETTERS }, (_, i) => queuedThread({ threadId: String(i) })));
  const recordIds = queue.receive(LETTERS).map(({ recordId }) => recordId);
  const fault = { reason: 'r', errorClass: 'E', requestId: 'q', receiveCount: 1 };
  for (const recordId of recordIds) queue.setAside(recordId, fault);
  await queue.close();
  await Promise.all(recordIds.map((id) => leaveRequest(folder, { recordIds: [id], perSecond: 100 })));

  const random = createRandom(process.env['KILL_SEED'] ?? String(Date.now() % 1_000_000));
  for (let kill = 0; kill < KILLS; kill++) await killAfter(random.int(1, 20));

  const left = await countRequests(folder);
  expect(left).toBeLessThan(LETTERS);
  expect(left).toBeGreaterThanOrEqual(LETTERS - KILLS * MOST_IN_A_LIFE);
  const reopened = await openFolderQueue(folder, options);
  const dead = reopened.deadLetters().length;
  expect(reopened.size() + dead).toBe(LETTERS);
  // A request whose file is gone has been carried out.
  expect(dead).toBeLessThanOrEqual(left);
  const { stop } = await watchRequests(folder, reopened, () => undefined);
  await stop();
  expect(reopened.deadLetters()).toEqual([]);
  expect(reopened.size()).toBe(LETTERS);
  await reopened.close();
});
