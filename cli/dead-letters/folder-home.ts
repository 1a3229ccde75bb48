import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../functions/errors.ts';
import { parseQueuedThread } from '../../functions/thread-queue/queued-thread.ts';
import { runningHolder } from '../../local/folder-lock.ts';
import { peekJournal, queueFolderOf } from '../../local/queue-journal.ts';
import { deadLettersOf } from '../../local/queue-messages.ts';
import { countRequests, leaveRequest } from '../../local/redrive-requests.ts';
import { type DeadLetter, type DeadLetterHome } from './dead-letter.ts';

const LOOK_AGAIN_MS = 50;

/**
 * Dead letters of `npm run serve`, in its queue's folder. That has one owner, so this only reads there, and leaves a
 * request for the owner, who may be running or not.
 * @param takenWithinMs how long an owner who runs may take to carry out a request
 */
export function createFolderHome(folder: string, { takenWithinMs = 10_000 } = {}): DeadLetterHome {
  const queueFolder = queueFolderOf(folder);

  async function readLetters(): Promise<DeadLetter[]> {
    const messages = await peekJournal(queueFolder);
    if (messages === undefined) {
      throw new ConfigError(
        `the folder ${folder} has no queue: it takes one that npm run serve archives into`,
      );
    }
    return deadLettersOf(messages.values()).map(
      ({ recordId, body, reason, fault, receiveCount, buriedAt }) => ({
        recordId,
        thread: parseQueuedThread(body),
        reason,
        fault,
        tries: receiveCount,
        keptSince: buriedAt,
      }),
    );
  }

  return {
    list: async () => {
      const letters = await readLetters();
      const requests = await countRequests(queueFolder);
      const notices =
        requests === 0 ? [] : ['some of them are to be redriven as soon as npm run serve starts'];
      return { letters, notices };
    },
    redrive: async ({ isWanted, perSecond, onRedriven }) => {
      const wanted = (await readLetters()).filter(isWanted);
      const left = wanted.filter(({ thread }) => thread === undefined);
      const possible = wanted.filter(({ thread }) => thread !== undefined);
      if (possible.length === 0) return { left, notices: [] };
      const recordIds = possible.map(({ recordId }) => recordId);
      const request = await leaveRequest(queueFolder, { recordIds, perSecond });
      const notices = await waitForOwner({ folder, request, until: Date.now() + takenWithinMs });
      possible.forEach(onRedriven);
      return { left, notices };
    },
  };
}

type Wait = { folder: string; request: string; until: number };

/** Resolves when the request is carried out, or when nobody is there to do it: then it is for who comes next. */
async function waitForOwner({ folder, request, until }: Wait): Promise<string[]> {
  while (existsSync(request)) {
    const owner = runningHolder(folder);
    if (owner === undefined) return ['npm run serve is not running here: they are tried when it starts'];
    if (Date.now() > until) {
      throw new ConfigError(
        `process ${owner} has the folder ${folder} and does not take the request ${request}; npm run serve does when it starts`,
      );
    }
    await sleep(LOOK_AGAIN_MS);
  }
  return [];
}
