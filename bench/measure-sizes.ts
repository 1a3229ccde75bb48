import { randomUUID } from 'node:crypto';
import { glob, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import * as z from 'zod';
import { createFolderArchiver } from '../local/folder-archiver.ts';
import { openFolderStore } from '../local/folder-store.ts';
import { createHubSpotAccess } from '../local/hubspot-access.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
} from '../local/simulated-hubspot/simulated-hubspot.ts';
import { type CopiedTable } from '../queries/analytics-copy.ts';
import { SAVED_QUERIES } from '../queries/saved-queries.ts';
import { type CopySizes, type Sizes } from './athena-model.ts';
import { copyFiles, copyMessages, copyRecords } from './parquet-copy.ts';
import { readsOf } from './query-reads.ts';
import { generateParts } from './sql-archive.ts';
import { ACCOUNT, addProseThread, MESSAGES_PER_PART, PARTS_PER_THREAD } from './sql-threads.ts';

const SAMPLE_THREADS = 100;

/**
 * Measures what the objects of an archive take, and their copy in columns: parts of an archive of so many messages, as
 * `npm run bench` has it, and a hundred of its threads that are archived from a simulated HubSpot with everything beside their messages.
 * In folders that are gone afterwards.
 */
export async function measureSizes(messages: number): Promise<Sizes> {
  const { part, copy } = await inFolder((folder, duckDb) => measureParts(folder, duckDb, messages));
  const { actorsPerThread, copies, ...beside } = await inFolder(measureThreads);
  return {
    messagesPerPart: MESSAGES_PER_PART,
    messagesPerThread: MESSAGES_PER_PART * PARTS_PER_THREAD,
    actorsPerThread,
    bytes: { part, ...beside },
    copy: { messages: copy, ...copies },
  };
}

async function measureParts(folder: string, duckDb: DuckDBConnection, messages: number) {
  await generateParts(folder, messages);
  const { mean } = await meanOf(folder, 'messages/**/*.json.gz');
  await copyMessages(duckDb, folder);
  return { part: Math.round(mean), copy: await measureCopy(duckDb, folder, 'messages') };
}

const columnsSchema = z.array(z.tuple([z.string(), z.coerce.number()]));
const totalsSchema = z.tuple([z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number()])]);

/** By what Parquet says of itself: https://duckdb.org/docs/stable/data/parquet/metadata (read November 2026). */
async function measureCopy(duckDb: DuckDBConnection, folder: string, table: CopiedTable): Promise<CopySizes> {
  const files = copyFiles(folder, table);
  const ask = async (sql: string) => (await duckDb.runAndReadAll(sql)).getRowsJson();
  const [[groups, rows, chunkBytes]] = totalsSchema.parse(
    await ask(
      `SELECT count(DISTINCT (file_name, row_group_id)), sum(row_group_num_rows) FILTER (column_id = 0),
              sum(total_compressed_size) FROM parquet_metadata(${files})`,
    ),
  );
  const columns = columnsSchema.parse(
    await ask(
      `SELECT split_part(path_in_schema, ', ', 1) AS name, sum(total_compressed_size)
       FROM parquet_metadata(${files}) GROUP BY name ORDER BY name`,
    ),
  );
  const reads = SAVED_QUERIES.flatMap(({ sql }) => readsOf(sql)).filter((read) => read.table === table);
  const named = new Set(reads.flatMap((read) => read.columns));
  const { bytes } = await meanOf(folder, `copy/${table}/**/*.parquet`);
  return {
    footerBytesPerGroup: Math.round((bytes - chunkBytes) / groups),
    bytesPerRow: rounded(bytes / rows),
    columns: Object.fromEntries(
      columns.filter(([name]) => named.has(name)).map(([name, total]) => [name, rounded(total / rows)]),
    ),
  };
}

/** What is beside the messages: thread records, actors, and the small tables. */
async function measureThreads(folder: string, duckDb: DuckDBConnection) {
  const hubspot = createSimulatedHubSpot({
    ...ACCOUNT,
    rateLimits: { tenSecondly: Infinity, daily: Infinity },
  });
  const ids = Array.from({ length: SAMPLE_THREADS }, (_, place) => {
    const [first] = addProseThread(hubspot.world, place, SAMPLE_THREADS);
    return { portalId: String(ACCOUNT.portalId), threadId: first?.threadId ?? '' };
  });
  const { url, close } = await hubspot.listen();
  const store = await openFolderStore(folder);
  try {
    const access = createHubSpotAccess({
      apiUrl: url,
      apiVersion: 'v3',
      accessToken: SIMULATED_ACCESS_TOKEN,
      requestsPerSecond: 1_000,
    });
    const archiver = createFolderArchiver(access, { store, settlingMs: 0, attachmentMaxBytes: 0 });
    const announced = { messageIds: [], occurredAt: ACCOUNT.now(), firstTry: true };
    const requestId = randomUUID();
    for (const id of ids) await archiver.capture({ ...id, announced, requestId });
    await archiver.actors.resolve({ requestId, remainingMs: () => Infinity });
    await archiver.refreshDirectory({ portalId: String(ACCOUNT.portalId), requestId });
    for (const table of ['threads', 'actors'] as const) await copyRecords(duckDb, folder, table);
    const actors = await meanOf(folder, 'actors/**/*.json');
    const meanBytes = async (pattern: string) => Math.round((await meanOf(folder, pattern)).mean);
    return {
      thread: await meanBytes('threads/**/*.json'),
      actor: Math.round(actors.mean),
      inboxes: await meanBytes('inboxes/**/*.json'),
      channels: await meanBytes('channels/**/*.json'),
      actorsPerThread: rounded(actors.files / ids.length),
      copies: {
        threads: await measureCopy(duckDb, folder, 'threads'),
        actors: await measureCopy(duckDb, folder, 'actors'),
      },
    };
  } finally {
    await store.close();
    await close();
  }
}

/** Work with a folder and a DuckDB that are gone afterwards. */
async function inFolder<T>(work: (folder: string, duckDb: DuckDBConnection) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-costs-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    return await work(folder, await instance.connect());
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

async function meanOf(
  folder: string,
  pattern: string,
): Promise<{ files: number; bytes: number; mean: number }> {
  let [files, bytes] = [0, 0];
  for await (const file of glob(pattern, { cwd: folder })) {
    files++;
    bytes += (await stat(path.join(folder, file))).size;
  }
  return { files, bytes, mean: bytes / files };
}

/** To hundredths: the last digits would differ from run to run. */
function rounded(value: number): number {
  return Number(value.toFixed(2));
}
