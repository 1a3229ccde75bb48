import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import pMap from 'p-map';
import * as z from 'zod';
import { partKey, utcDay } from '../functions/archive/layout.ts';
import { encodePart } from '../functions/archive/part.ts';
import { messageRow } from '../functions/archive/row.ts';
import { sqlTimestamp } from '../functions/archive/timestamp.ts';
import { readFetched } from '../functions/hubspot/fetched.ts';
import { fileOf } from '../local/folder-reader.ts';
import { isoInstant } from '../local/simulated-hubspot/message-json.ts';
import { createSimulatedHubSpot } from '../local/simulated-hubspot/simulated-hubspot.ts';
import { type Entry } from '../local/simulated-hubspot/world.ts';
import {
  ACCOUNT,
  addProseThread,
  DAYS,
  FIRST_DAY,
  MESSAGES_PER_PART,
  PARTS_PER_THREAD,
} from './sql-threads.ts';

const PORTAL_ID = String(ACCOUNT.portalId);
const DAY_MS = 24 * 3_600_000;
const THREADS_AT_ONCE = 25;
const CONCURRENT_PARTS = 8;
// From a message's creation to the fetch that saw it.
const LAG_MS = 20_000;

const shareSchema = z.object({ folder: z.string(), threads: z.int(), from: z.int(), to: z.int() });
type Share = z.infer<typeof shareSchema>;

/**
 * Writes the parts of an archive into a folder, ten messages each, evenly over a year: the rows, the bytes and the keys are the
 * product's own. Always the same for the same number of messages. Worker threads share the work.
 * @param messages a multiple of 20
 */
export async function generateParts(folder: string, messages: number): Promise<void> {
  const threads = messages / (MESSAGES_PER_PART * PARTS_PER_THREAD);
  for (let day = 0; day < DAYS; day++) {
    const dt = utcDay(new Date(FIRST_DAY + day * DAY_MS));
    await mkdir(path.dirname(fileOf(folder, partKey({ portalId: PORTAL_ID, dt, threadId: '1' }))), {
      recursive: true,
    });
  }
  const workers = availableParallelism();
  const edges = Array.from({ length: workers + 1 }, (_, worker) => Math.round((worker * threads) / workers));
  await Promise.all(
    edges.slice(1).map((to, worker) => work({ folder, threads, from: edges[worker] ?? 0, to })),
  );
}

async function work(share: Share): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: share,
    resourceLimits: { maxYoungGenerationSizeMb: 128 },
  });
  const [code]: unknown[] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`a worker that writes parts ended with code ${String(code)}`);
}

async function writeShare({ folder, threads, from, to }: Share): Promise<void> {
  for (let first = from; first < to; first += THREADS_AT_ONCE) {
    // A world of its own for some threads, so that not all of them are held.
    const { world } = createSimulatedHubSpot(ACCOUNT);
    const places = Array.from({ length: Math.min(THREADS_AT_ONCE, to - first) }, (_, i) => first + i);
    const parts = places.flatMap((place) => [
      ...Map.groupBy(addProseThread(world, place, threads), ({ createdAt }) => utcDay(new Date(createdAt))),
    ]);
    await pMap(parts, ([dt, entries]) => writePart(folder, dt, entries), { concurrency: CONCURRENT_PARTS });
  }
}

async function writePart(folder: string, dt: string, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map(({ threadId, createdAt, json }) => {
    const message = { ...readFetched(json, 'a message'), createdAt: isoInstant(createdAt) };
    return messageRow(message, threadId, sqlTimestamp(new Date(createdAt + LAG_MS)));
  });
  const id = { portalId: PORTAL_ID, dt, threadId: entries[0]?.threadId ?? '' };
  await writeFile(fileOf(folder, partKey(id)), await encodePart(rows));
}

if (!isMainThread && parentPort !== null) await writeShare(shareSchema.parse(workerData));
