import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RecordVerdict } from '../../functions/archive/archive-batch.ts';
import { type CaptureOutcome } from '../../functions/archive/capture.ts';
import { HubSpotError } from '../../functions/errors.ts';
import { startArchiver } from '../../local/archiver.ts';
import { type FolderQueue, openFolderQueue } from '../../local/folder-queue.ts';
import { queuedThread } from '../support/queue-record.ts';

let folder: string;
let now: number;
let queue: FolderQueue;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  now = 0;
  queue = await openFolderQueue(path.join(folder, '.queue'), {
    delayMs: 0,
    visibilityMs: 1_000_000,
    maxReceiveCount: 10,
    now: () => now,
  });
});
afterEach(async () => {
  await queue.close();
  await rm(folder, { recursive: true });
});

/** Lets workers have the queue until each of its records has had its verdict. */
async function archiveWith(captureThread: () => Promise<CaptureOutcome>): Promise<void> {
  const verdicts: RecordVerdict[] = [];
  const deps = { portals: ['62515'], captureThread };
  const archiver = startArchiver(queue, deps, (verdict) => verdicts.push(verdict));
  const records = queue.size();
  await expect.poll(() => verdicts.length).toBe(records);
  await archiver.stop();
}

it('is rid of what is archived', async () => {
  await queue.send([queuedThread()]);

  const outcome = { messages: 1, pages: 1, partsWritten: 1, unseenMessageIds: [] };
  await archiveWith(() => Promise.resolve({ status: 'archived', ...outcome }));

  expect(queue.size()).toBe(0);
});

const refused = () => Promise.reject(new HubSpotError('HubSpot answered 400', { status: 400 }));

it('gives back what failed, with the try counted', async () => {
  await queue.send([queuedThread()]);

  await archiveWith(refused);

  now = 4_999;
  expect(queue.receive(1)).toEqual([]);
  now = 5_000;
  expect(queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
});

it('makes a dead letter of what failed at its last try, with the reason', async () => {
  await queue.send([queuedThread()]);
  for (let tries = 1; tries < 10; tries++) queue.returnAfter(queue.receive(1)[0]!.recordId, 0, 'busy');

  await archiveWith(refused);

  expect(queue.size()).toBe(0);
  expect(queue.deadLetters()).toMatchObject([
    {
      reason: 'HubSpotError: HubSpot answered 400',
      fault: { errorClass: 'HubSpotError', status: 400, receiveCount: 10 },
    },
  ]);
});

it('lets a thread wait for HubSpot without counting a try', async () => {
  await queue.send([queuedThread({ receivedAt: Date.now() })]);

  await archiveWith(() =>
    Promise.reject(new HubSpotError('HubSpot answered 503', { status: 503, transient: true })),
  );

  now = 5_000;
  const [record] = queue.receive(1);
  expect(record).toMatchObject({ receiveCount: 1 });
  expect(JSON.parse(record!.body)).toMatchObject({ threadId: '7', waits: 1 });
});
