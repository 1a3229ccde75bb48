import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { QueueError } from '../functions/errors.ts';
import { codeOf, flushDirectory, ignoreMissing, writeFlushed } from './durable-files.ts';
import { type FolderQueue } from './folder-queue.ts';
import { REQUESTS, SET_ASIDE } from './queue-journal.ts';

/*
 * How another process has dead letters redriven while the home has the queue: it leaves a file in the queue's folder, and
 * the home carries it out, now or when it starts the next time. The file goes when what it asks for is on the disk, so
 * whoever is killed, it is carried out; and to carry it out a second time does no harm.
 */

/** Which dead letters to redrive, by their record ids, and how many a second. */
export type RedriveRequest = z.infer<typeof requestSchema>;
const requestSchema = z.strictObject({ recordIds: z.array(z.string()), perSecond: z.number().positive() });

const POLL_MS = 250;

/** Leaves a request for the home of a queue's folder, there for good when it resolves. Gives the file. */
export async function leaveRequest(queueFolder: string, request: RedriveRequest): Promise<string> {
  const folder = path.join(queueFolder, REQUESTS);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${randomUUID()}.json`);
  const draft = `${file}.draft`;
  await writeFlushed(draft, Buffer.from(JSON.stringify(request)));
  await rename(draft, file);
  await flushDirectory(folder);
  await flushDirectory(queueFolder);
  return file;
}

/** How many requests wait to be carried out. */
export async function countRequests(queueFolder: string): Promise<number> {
  return (await requestsIn(path.join(queueFolder, REQUESTS))).length;
}

async function requestsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(ignoreMissing)) ?? [];
  return names.filter((name) => name.endsWith('.json'));
}

/** Carries out requests until it is stopped. */
export type RequestWatch = {
  /** Resolves when nothing is under way any more. */
  stop: () => Promise<void>;
};

/**
 * Carries out the requests that are there, and then those that come. What cannot be carried out, because the disk takes
 * nothing, is tried again. A file that is no request is set aside.
 * @param onNotice hears of either in one line
 */
export async function watchRequests(
  queueFolder: string,
  queue: Pick<FolderQueue, 'redrive'>,
  onNotice: (notice: string) => void,
): Promise<RequestWatch> {
  const folder = path.join(queueFolder, REQUESTS);
  let underWay: Promise<void> | undefined;
  let lastTrouble: string | undefined;

  async function carryOutAll(): Promise<void> {
    for (const name of await requestsIn(folder)) await carryOut(path.join(folder, name));
    lastTrouble = undefined;
  }

  async function carryOut(file: string): Promise<void> {
    const request = parseRequest(await readFile(file, 'utf8'));
    if (request === undefined) {
      const aside = path.join(SET_ASIDE, path.basename(file));
      await rename(file, path.join(queueFolder, aside));
      onNotice(`${file} is not a request to redrive: set aside as ${aside}`);
      return;
    }
    await queue.redrive(request.recordIds, request.perSecond);
    await rm(file);
  }

  function look(): void {
    underWay ??= carryOutAll()
      .catch((error: unknown) => {
        const trouble = error instanceof QueueError ? error.message : codeOf(error);
        if (trouble !== lastTrouble) onNotice(`dead letters cannot be redriven yet: ${trouble}`);
        lastTrouble = trouble;
      })
      .finally(() => {
        underWay = undefined;
      });
  }

  look();
  await underWay;
  const timer = setInterval(look, POLL_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}

function parseRequest(text: string): RedriveRequest | undefined {
  try {
    return requestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
