import * as z from 'zod';
import { type Read } from './query-reads.ts';

const copySchema = z.object({
  /** What a group of rows takes in the end of its file, which is always read. */
  footerBytesPerGroup: z.number(),
  bytesPerRow: z.number(),
  /** Bytes a row of each column that a saved query names. */
  columns: z.record(z.string(), z.number()),
});

/** What was measured of an archive and of its copy in columns. Bytes as they are stored, compressed or not. */
export const sizesSchema = z.object({
  messagesPerPart: z.number(),
  messagesPerThread: z.number(),
  actorsPerThread: z.number(),
  /** Means of an object; of the small tables, of which an account has one object each, the whole. */
  bytes: z.object({
    part: z.number(),
    thread: z.number(),
    actor: z.number(),
    inboxes: z.number(),
    channels: z.number(),
  }),
  copy: z.object({ messages: copySchema, threads: copySchema, actors: copySchema }),
});
export type Sizes = z.infer<typeof sizesSchema>;
/** Those of one table's copy. */
export type CopySizes = z.infer<typeof copySchema>;

/** Of which archive, and of how many days, one calendar month at most. */
export type Workload = { messages: number; days: number; daysOfArchive: number; projectedDays: number };

/** What a query takes. */
export type Cost = { bytes: number; lists: number; gets: number; usd: number };

// Athena: https://aws.amazon.com/athena/pricing/; S3 Standard: https://aws.amazon.com/s3/pricing/; both for us-east-1, November 2026.
// A terabyte is taken to be 10^12 bytes, which is the dearer reading.
const USD_PER_BYTE = 5 / 1e12;
const BILLED_UNIT = 1e6;
const LEAST_BILLED = 10e6;
const USD_PER_LIST = 0.005 / 1_000;
const USD_PER_GET = 0.0004 / 1_000;
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read November 2026)
const KEYS_PER_LIST = 1_000;
// The size that Athena writes Iceberg's files of.
const FILE_BYTES = 512e6;
// A group of rows as DuckDB writes it; a column of one is a piece that is read by itself.
const ROWS_PER_GROUP = 122_880;
// Iceberg: the table's state, the list of its manifests, and a manifest. No keys are listed.
const GETS_OF_STATE = 3;

type Amount = Omit<Cost, 'usd'>;

/** What a query costs that reads the archive's own objects: each is read whole, with one GET, and found by listing. */
export function costOfParts(reads: readonly Read[], sizes: Sizes, workload: Workload): Cost {
  return price(
    reads.map((read) =>
      read.table === 'messages' ? ofParts(read, sizes, workload) : ofObjects(read, sizes, workload),
    ),
  );
}

/**
 * What it costs when messages, threads and actors come from the copy: of messages the months that the days are in, of all the
 * columns that the query names. The small tables are the archive's in the copy's database too.
 */
export function costOfCopy(reads: readonly Read[], sizes: Sizes, workload: Workload): Cost {
  return price(
    reads.map((read) => {
      if (read.table === 'messages') return ofMonths(read, sizes.copy.messages, workload);
      if (read.table !== 'threads' && read.table !== 'actors') return ofObjects(read, sizes, workload);
      const { count: rows } = objectsOf(read.table, sizes, workload.messages / sizes.messagesPerThread);
      return ofColumns(read, sizes.copy[read.table], { rows, partitions: 1 });
    }),
  );
}

/** A partition a day: each is listed, whether it has keys or not. */
function ofParts({ isBounded }: Read, { messagesPerPart, bytes }: Sizes, workload: Workload): Amount {
  const { messages, daysOfArchive, days, projectedDays } = workload;
  const perDay = messages / messagesPerPart / daysOfArchive;
  const daysRead = isBounded ? days : daysOfArchive;
  const gets = Math.round(perDay * daysRead);
  const emptyDays = isBounded ? 0 : projectedDays - daysOfArchive;
  return { bytes: gets * bytes.part, lists: daysRead * listsOf(perDay) + emptyDays, gets };
}

function ofMonths(read: Read, copy: CopySizes, { messages, daysOfArchive, days }: Workload): Amount {
  const rows = (messages * (read.isBounded ? days : daysOfArchive)) / daysOfArchive;
  return ofColumns(read, copy, { rows, partitions: read.isBounded ? 1 : Math.ceil(daysOfArchive / 31) });
}

function ofColumns(
  { columns }: Read,
  copy: CopySizes,
  { rows, partitions }: { rows: number; partitions: number },
): Amount {
  const groups = partitions * Math.ceil(rows / partitions / ROWS_PER_GROUP);
  const files = partitions * Math.ceil((rows / partitions) * (copy.bytesPerRow / FILE_BYTES));
  const read = columns.flatMap((column) => copy.columns[column] ?? []);
  const bytesOfRow = read.reduce((total, bytes) => total + bytes, 0);
  return {
    bytes: rows * bytesOfRow + groups * copy.footerBytesPerGroup,
    lists: 0,
    gets: GETS_OF_STATE + files + groups * read.length,
  };
}

/** A partition an account, however many objects it has. */
function ofObjects({ table }: Read, sizes: Sizes, { messages }: Workload): Amount {
  const { count, bytes } = objectsOf(table, sizes, messages / sizes.messagesPerThread);
  return { bytes: count * bytes, lists: listsOf(count), gets: count };
}

function objectsOf(
  table: string,
  { bytes, actorsPerThread }: Sizes,
  threads: number,
): { count: number; bytes: number } {
  switch (table) {
    case 'threads':
      return { count: Math.round(threads), bytes: bytes.thread };
    case 'actors':
      return { count: Math.round(threads * actorsPerThread), bytes: bytes.actor };
    case 'inboxes':
    case 'channels':
      return { count: 1, bytes: bytes[table] };
    default:
      throw new RangeError(`nothing is known of the sizes of the table ${table}`);
  }
}

function listsOf(keys: number): number {
  return Math.max(1, Math.ceil(keys / KEYS_PER_LIST));
}

function price(amounts: readonly Amount[]): Cost {
  const sum = (key: keyof Amount) => amounts.reduce((total, amount) => total + amount[key], 0);
  const [bytes, lists, gets] = [sum('bytes'), sum('lists'), sum('gets')];
  const billed = Math.max(LEAST_BILLED, Math.ceil(bytes / BILLED_UNIT) * BILLED_UNIT);
  return { bytes, lists, gets, usd: billed * USD_PER_BYTE + lists * USD_PER_LIST + gets * USD_PER_GET };
}
