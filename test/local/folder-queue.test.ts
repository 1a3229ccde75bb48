import { execFile } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, QueueError } from '../../functions/errors.ts';
import { type QueuedThread, type QueueRecord } from '../../functions/thread-queue/queued-thread.ts';
import { type FolderQueue, openFolderQueue } from '../../local/folder-queue.ts';
import { queuedThread } from '../support/queue-record.ts';

let parent: string;
let folder: string;
let journal: string;
let now: number;
let notices: string[];
let queue: FolderQueue;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  folder = path.join(parent, '.queue');
  journal = path.join(folder, 'journal');
  now = 1_800_000_000_000;
  notices = [];
  queue = await open();
});
afterEach(() => rm(parent, { recursive: true }));

/** Opens the queue as the next process does: the one before is gone without a word. */
async function open(): Promise<FolderQueue> {
  queue = await openFolderQueue(folder, {
    delayMs: 100,
    visibilityMs: 1_000,
    maxReceiveCount: 2,
    now: () => now,
    onNotice: (notice) => notices.push(notice),
  });
  return queue;
}

const threads = (...ids: string[]): QueuedThread[] => ids.map((threadId) => queuedThread({ threadId }));
const threadId = ({ body }: QueueRecord): string => (JSON.parse(body) as QueuedThread).threadId;
const wait = (ms: number): void => {
  now += ms;
};
/** Sends threads and waits until they are visible. */
async function sendVisible(...ids: string[]): Promise<void> {
  await queue.send(threads(...ids));
  wait(100);
}

const FAULT = {
  reason: 'HubSpotError: HubSpot answered 400',
  errorClass: 'HubSpotError',
  status: 400,
  requestId: 'request-1',
  receiveCount: 1,
};
/** Sends threads, and sets each aside. */
async function deadLetters(...ids: string[]): Promise<void> {
  await sendVisible(...ids);
  for (const { recordId } of queue.receive(ids.length)) queue.setAside(recordId, FAULT);
}

describe('the queue in a folder', () => {
  it('shows a message after its delay, and then hides it from others while it is worked on', async () => {
    await queue.send(threads('1', '2'));

    expect(queue.receive(10)).toEqual([]);
    wait(100);
    expect(queue.receive(10).map(threadId)).toEqual(['1', '2']);
    expect(queue.receive(10)).toEqual([]);
    expect(queue.size()).toBe(2);
  });

  it('gives out deletions at once, ahead of all that waits', async () => {
    await sendVisible('7', '8');
    await queue.send([
      queuedThread({ threadId: '9', reasons: ['conversation.newMessage'] }),
      queuedThread({ threadId: '10', reasons: ['conversation.deletion'] }),
      queuedThread({ threadId: '11', reasons: ['conversation.privacyDeletion'] }),
    ]);

    expect(queue.receive(9).map(threadId)).toEqual(['10', '11', '7', '8']);
  });

  it('gives out no more than it is asked for', async () => {
    await sendVisible('1', '2', '3', '4', '5');

    expect(queue.receive(3)).toHaveLength(3);
    expect(queue.receive(3)).toHaveLength(2);
  });

  it('is rid of what is acknowledged', async () => {
    await sendVisible('7');
    const [record] = queue.receive(1);

    queue.acknowledge(record!.recordId);

    wait(10_000);
    expect(queue.receive(1)).toEqual([]);
    expect(queue.size()).toBe(0);
  });

  it('shows again what is not acknowledged in time, counting how often', async () => {
    await sendVisible('7');

    expect(queue.receive(1)).toMatchObject([{ receiveCount: 1 }]);
    wait(1_000);
    expect(queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
  });

  it('shows what is given back when it is told to', async () => {
    await sendVisible('7');
    const [record] = queue.receive(1);

    queue.returnAfter(record!.recordId, 5, 'busy');

    wait(4_999);
    expect(queue.receive(1)).toEqual([]);
    wait(1);
    expect(queue.receive(1)).toHaveLength(1);
  });

  it('has another entry take the place of a message, as if never taken', async () => {
    await sendVisible('7');
    const [record] = queue.receive(1);

    queue.requeue(record!.recordId, queuedThread({ threadId: '7', waits: 1 }), 5);

    expect(queue.size()).toBe(1);
    wait(4_999);
    expect(queue.receive(1)).toEqual([]);
    await open();
    const body = JSON.stringify(queuedThread({ threadId: '7', waits: 1 }));
    expect(queue.receive(1)).toEqual([
      { recordId: record!.recordId, receiveCount: 1, isLastTry: false, body },
    ]);
  });

  it('makes a dead letter of what was taken too often, with the last reason', async () => {
    await sendVisible('8');
    for (const reason of ['first', 'second']) {
      queue.returnAfter(queue.receive(1)[0]!.recordId, 0, reason);
    }

    expect(queue.receive(1)).toEqual([]);
    expect(queue.size()).toBe(0);
    expect(queue.deadLetters()).toMatchObject([
      { receiveCount: 2, body: JSON.stringify(threads('8')[0]), reason: 'second', buriedAt: now },
    ]);
  });

  it('says of a message when it is tried for the last time', async () => {
    await sendVisible('7');
    const [first] = queue.receive(1);
    queue.returnAfter(first!.recordId, 0, 'busy');

    const [second] = queue.receive(1);

    expect([first, second]).toMatchObject([{ isLastTry: false }, { isLastTry: true }]);
  });

  it('makes a dead letter of what is set aside, with its fault', async () => {
    await sendVisible('8');

    queue.setAside(queue.receive(1)[0]!.recordId, FAULT);

    expect(queue.size()).toBe(0);
    expect(queue.deadLetters()).toMatchObject([{ reason: FAULT.reason, fault: FAULT, buriedAt: now }]);
  });

  it('redrives dead letters, so many a second, with all their tries and patience ahead of them', async () => {
    await deadLetters('1', '2', '3');
    const [one, , three] = queue.deadLetters();
    wait(50_000);

    await queue.redrive([one!.recordId, three!.recordId, 'no such letter'], 10);

    expect(queue.deadLetters()).toMatchObject([{ body: expect.stringContaining('"threadId":"2"') }]);
    const [record] = queue.receive(10);
    expect(JSON.parse(record!.body)).toEqual(
      queuedThread({ threadId: '1', receivedAt: now, waits: 1, looks: 0 }),
    );
    expect(record).toMatchObject({ receiveCount: 1, isLastTry: false });
    wait(99);
    expect(queue.receive(10)).toEqual([]);
    wait(1);
    expect(queue.receive(10).map(threadId)).toEqual(['3']);
  });

  it('redrives nothing twice, and nothing that is not dead', async () => {
    await deadLetters('1');
    await sendVisible('2');
    const [letter] = queue.deadLetters();
    const [record] = queue.receive(1);

    for (let i = 0; i < 2; i++) await queue.redrive([letter!.recordId, record!.recordId], 1);

    expect(queue.size()).toBe(2);
    expect(queue.receive(10).map(threadId)).toEqual(['1']);
  });
});

describe('a restart', () => {
  it('keeps what was sent and not acknowledged, visible at once', async () => {
    await sendVisible('1', '2', '3');
    queue.acknowledge(queue.receive(1)[0]!.recordId);
    queue.returnAfter(queue.receive(1)[0]!.recordId, 900, 'later');

    await open();

    expect(queue.size()).toBe(2);
    expect(queue.receive(10).map(threadId).sort()).toEqual(['2', '3']);
    expect(notices).toEqual([]);
  });

  it('keeps how often a message was taken', async () => {
    await sendVisible('7');
    queue.returnAfter(queue.receive(1)[0]!.recordId, 0, 'busy');

    await open();

    expect(queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
    wait(1_000);
    queue.receive(1);
    expect(queue.deadLetters()).toMatchObject([{ reason: 'busy' }]);
  });

  it('keeps dead letters, given up or set aside', async () => {
    await sendVisible('7');
    for (let i = 0; i < 3; i++) {
      for (const { recordId } of queue.receive(1)) queue.returnAfter(recordId, 0, 'HubSpotError: 500');
    }
    await deadLetters('8');
    const letters = queue.deadLetters();

    await open();

    expect(letters).toHaveLength(2);
    expect(queue.deadLetters()).toEqual(letters);
    expect(queue.size()).toBe(0);
  });

  it('keeps what was redriven, and that it is no dead letter any more', async () => {
    await deadLetters('7');
    await queue.redrive([queue.deadLetters()[0]!.recordId], 1);

    await open();

    expect(queue.deadLetters()).toEqual([]);
    expect(queue.receive(10).map(threadId)).toEqual(['7']);
  });

  it('puts what was being worked on last and by itself, and does not hold it against it', async () => {
    await sendVisible('1', '2', '3', '4');
    queue.receive(2);

    await open();
    await sendVisible('5', '6');

    const batches = [1, 2, 3, 4].map(() => queue.receive(10).map(threadId));
    expect(batches).toEqual([['3', '4'], ['1'], ['2'], ['5', '6']]);
    for (let i = 0; i < 5; i++) {
      await open();
      for (let records = queue.receive(10); records.length > 0; records = queue.receive(10)) {
        expect(records).toMatchObject(records.map(() => ({ isLastTry: false })));
      }
    }
    expect(queue.deadLetters()).toEqual([]);
  });

  it('gives up what was being worked on at twenty ends of the process', async () => {
    await sendVisible('1');
    for (let i = 0; i < 20; i++) {
      expect(queue.receive(1)).toHaveLength(1);
      await open();
    }

    expect(queue.receive(1)).toEqual([]);
    expect(queue.deadLetters()).toMatchObject([
      { receiveCount: 20, reason: 'the process ended 20 times in the middle of it' },
    ]);
  });

  it('keeps everything when the journal was written anew on the way, and keeps that small', async () => {
    await sendVisible('first');
    queue.returnAfter(queue.receive(1)[0]!.recordId, 900, 'later');
    for (let round = 0; round < 60; round++) {
      await queue.send(Array.from({ length: 100 }, (_, i) => queuedThread({ threadId: `${round}-${i}` })));
      wait(100);
      for (const { recordId } of queue.receive(100)) queue.acknowledge(recordId);
    }

    expect((await stat(journal)).size).toBeLessThan(1_200_000);
    await open();
    expect(queue.receive(10).map(threadId)).toEqual(['first']);
    expect(await readdir(folder)).toEqual(['journal', 'set-aside']);
  });
});

describe('a damaged folder', () => {
  it.each([
    ['torn', (bytes: Buffer) => bytes.subarray(0, -10)],
    ['overwritten with zeros', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -10), Buffer.alloc(10)])],
  ])('whose last line is %s loses that one alone, names the file and keeps a copy', async (_, damage) => {
    await queue.send(threads('1'));
    await queue.send(threads('2'));
    const damaged = damage(await readFile(journal));
    await writeFile(journal, damaged);

    await open();

    expect(queue.receive(10).map(threadId)).toEqual(['1']);
    expect(notices).toEqual([expect.stringContaining(`${journal} has one line that cannot be read`)]);
    const [copy] = await readdir(path.join(folder, 'set-aside'));
    expect(await readFile(path.join(folder, 'set-aside', copy!))).toEqual(damaged);
    await open();
    expect(notices).toHaveLength(1);
  });

  it('with a line changed by one character in the middle loses that one alone', async () => {
    await queue.send(threads('1', '2', '3'));
    const text = await readFile(journal, 'utf8');
    await writeFile(journal, text.replace(String.raw`\"threadId\":\"2\"`, String.raw`\"threadId\":\"9\"`));

    await open();

    expect(queue.receive(10).map(threadId)).toEqual(['1', '3']);
    expect(notices).toHaveLength(1);
  });

  it('can be written to again after a torn line', async () => {
    await queue.send(threads('1'));
    await appendFile(journal, 'half a li');
    await open();
    await queue.send(threads('2'));

    await open();

    wait(100);
    expect(queue.receive(10).map(threadId).sort()).toEqual(['1', '2']);
  });

  it('with files that are not its own has them named and set aside', async () => {
    await queue.send(threads('1'));
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    await mkdir(path.join(folder, 'photos'));

    await open();

    expect(queue.receive(10).map(threadId)).toEqual(['1']);
    expect(notices.sort()).toEqual([
      expect.stringContaining('notes.txt is not a file of the queue'),
      expect.stringContaining('photos is not a file of the queue'),
    ]);
    expect(await readdir(path.join(folder, 'set-aside'))).toHaveLength(2);
  });

  it('with a journal that is a folder starts all the same', async () => {
    await rm(journal);
    await mkdir(journal);

    await open();

    expect(notices).toEqual([expect.stringContaining('journal is not a file of the queue')]);
    await queue.send(threads('1'));
    expect(queue.size()).toBe(1);
  });

  it('with the draft of a killed writer says nothing of it', async () => {
    await writeFile(path.join(folder, 'journal.draft'), 'half');

    await open();

    expect(notices).toEqual([]);
    expect(await readdir(folder)).toEqual(['journal', 'set-aside']);
  });

  it('that is a file is named', async () => {
    const file = path.join(parent, 'file');
    await writeFile(file, '');

    const opening = openFolderQueue(file, { delayMs: 0, visibilityMs: 1, maxReceiveCount: 1, now: () => 0 });

    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/the queue in .*file cannot be read \((EEXIST|ENOTDIR)\)/);
  });
});

describe('a disk that takes nothing', () => {
  // Every write to /dev/full fails with ENOSPC.
  it.runIf(process.platform === 'linux')(
    'has a message refused, and the queue goes on when there is room again',
    async () => {
      const draft = path.join(folder, 'journal.draft');
      await symlink('/dev/full', draft);
      await queue.send([queuedThread({ threadId: '1', requestId: 'x'.repeat(1_100_000) })]);

      await expect(queue.send(threads('2'))).rejects.toThrow(
        new QueueError(`the queue in ${folder} cannot be written: ENOSPC`),
      );
      expect(queue.size()).toBe(1);
      wait(100);
      queue.acknowledge(queue.receive(1)[0]!.recordId);
      await rm(draft);
      await queue.send(threads('3'));

      await open();
      expect(queue.receive(10).map(threadId)).toEqual(['3']);
    },
  );

  // What a process may write to one file is limited, so in the end it can write half of a line.
  it.runIf(process.platform !== 'win32')('tears no line of what comes after it', async () => {
    await queue.close();
    const script = `
      const { openFolderQueue } = await import('./local/folder-queue.ts');
      const options = { delayMs: 0, visibilityMs: 1e6, maxReceiveCount: 9, now: Date.now };
      const queue = await openFolderQueue(${JSON.stringify(folder)}, options);
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        await queue.send([{ threadId: 'x'.repeat(1_000), reasons: [] }]).catch(() => refused++);
        for (const { recordId } of queue.receive(1)) queue.acknowledge(recordId);
      }
      await queue.send([{ threadId: '7', reasons: [] }]);
      console.log(refused);`;
    const command = [process.execPath, '--input-type=module', '--eval', script];
    const run = promisify(execFile)('sh', ['-c', 'ulimit -f 128; exec "$@"', 'sh', ...command]);

    expect(Number((await run).stdout)).toBeGreaterThan(0);
    await open();
    expect(notices).toEqual([]);
    expect(queue.receive(10).map(threadId)).toEqual(['7']);
  });

  it('is not written to once the queue is closed', async () => {
    await queue.close();

    await expect(queue.send(threads('1'))).rejects.toThrow(`the queue in ${folder} is closed`);
  });
});
