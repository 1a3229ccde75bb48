import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeadLetter } from '../../../cli/dead-letters/dead-letter.ts';
import { createFolderHome } from '../../../cli/dead-letters/folder-home.ts';
import { openFolderQueue } from '../../../local/folder-queue.ts';
import { watchRequests } from '../../../local/redrive-requests.ts';
import { queuedThread } from '../../support/queue-record.ts';

const NOW = 1_800_000_000_000;
const FAULT = {
  reason: 'HubSpotError: HubSpot answered 400',
  errorClass: 'HubSpotError',
  status: 400,
  requestId: 'request-1',
  receiveCount: 1,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

const queueFolder = () => path.join(folder, '.queue');
const openQueue = () =>
  openFolderQueue(queueFolder(), { delayMs: 0, visibilityMs: 1_000, maxReceiveCount: 10, now: () => NOW });

/** Makes dead letters of threads, and leaves another thread on the queue. */
async function bury(...threadIds: string[]): Promise<void> {
  const queue = await openQueue();
  await queue.send(threadIds.map((threadId) => queuedThread({ threadId })));
  for (const { recordId } of queue.receive(threadIds.length)) queue.setAside(recordId, FAULT);
  await queue.send([queuedThread({ threadId: 'alive' })]);
  await queue.close();
}

async function redrive(options?: { takenWithinMs: number }) {
  const redriven: DeadLetter[] = [];
  const request = {
    isWanted: () => true,
    perSecond: 10,
    onRedriven: (letter: DeadLetter) => redriven.push(letter),
  };
  const result = await createFolderHome(folder, options).redrive(request);
  return { ...result, redriven: redriven.map(({ thread }) => thread?.threadId) };
}

describe('the dead letters of a folder', () => {
  it('are listed with their threads and reasons, and that changes nothing', async () => {
    await bury('1', '2');
    const journal = await readFile(path.join(queueFolder(), 'journal'));

    const { letters, notices } = await createFolderHome(folder).list();

    expect(letters).toEqual(
      ['1', '2'].map((threadId) => ({
        recordId: expect.any(String),
        thread: queuedThread({ threadId }),
        reason: FAULT.reason,
        fault: FAULT,
        tries: 1,
        keptSince: NOW,
      })),
    );
    expect(notices).toEqual([]);
    expect(await readFile(path.join(queueFolder(), 'journal'))).toEqual(journal);
    expect(await readdir(folder)).toEqual(['.queue']);
  });

  it('are redriven when npm run serve starts the next time, if none runs', async () => {
    await bury('1', '2');

    expect(await redrive()).toEqual({
      redriven: ['1', '2'],
      left: [],
      notices: ['npm run serve is not running here: they are tried when it starts'],
    });

    expect((await createFolderHome(folder).list()).notices).toEqual([
      'some of them are to be redriven as soon as npm run serve starts',
    ]);
    const queue = await openQueue();
    await (await watchRequests(queueFolder(), queue, () => undefined)).stop();
    expect({ size: queue.size(), dead: queue.deadLetters() }).toEqual({ size: 3, dead: [] });
    await queue.close();
  });

  it('are waited for while a process has the folder, and not for ever', async () => {
    await bury('1');
    await writeFile(path.join(folder, '.lock'), String(process.pid));

    await expect(redrive({ takenWithinMs: 100 })).rejects.toThrow(
      `process ${process.pid} has the folder ${folder} and does not take the request`,
    );
    const queue = await openQueue();
    const { stop } = await watchRequests(queueFolder(), queue, () => undefined);
    expect(await redrive()).toMatchObject({ redriven: [], notices: [] });
    await stop();
    await queue.close();
  });

  it('are of a folder that npm run serve has archived into', async () => {
    await expect(createFolderHome(folder).list()).rejects.toThrow(
      `the folder ${folder} has no queue: it takes one that npm run serve archives into`,
    );
  });

  it('are not of a file', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');

    await expect(createFolderHome(file).list()).rejects.toThrow(
      `the folder ${file} has no queue: it takes one that npm run serve archives into`,
    );
  });
});
