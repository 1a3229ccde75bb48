import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as z from 'zod/mini';
import { CorruptArchiveError } from '../errors.ts';
import { type MessageRow } from './row.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

// Read back, a row is trusted for the fields that a merge decides by; the others pass through as they were written.
const archivedRowSchema = z.looseObject({
  message_id: z.string(),
  created_at: z.string(),
  updated_at: z.nullable(z.string()),
  observed_at: z.string(),
  removed_at: z.nullable(z.string()),
  raw: z.string(),
});

// Level 3, the last of zlib's fast ones, takes half of the default's time and some more bytes, and time is what a Lambda
// pays for. The chunk is large enough for most parts to come out of zlib in one piece.
const GZIP_OPTIONS = { level: 3, chunkSize: 65_536 };

/** A row of a part, read back or about to be written for the first time. */
export type PartRow = z.infer<typeof archivedRowSchema> | MessageRow;

/**
 * The bytes of a part: one JSON document per line, ordered by (created_at, message_id), gzipped. The same rows give the
 * same bytes, in whatever order they come.
 */
export async function encodePart(rows: readonly PartRow[]): Promise<Buffer> {
  const ordered = rows.toSorted(
    (a, b) => compareText(a.created_at, b.created_at) || compareText(a.message_id, b.message_id),
  );
  const bytes = await compress(encodeLines(ordered), GZIP_OPTIONS);
  // Byte 9 names the operating system that compressed; 255 is "unknown" (RFC 1952), the same on every machine.
  bytes[9] = 255;
  return bytes;
}

// Line by line into one buffer: joining the lines to a string first would copy everything once more.
function encodeLines(rows: readonly PartRow[]): Buffer {
  const lines = rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`));
  return Buffer.concat(lines);
}

/**
 * The rows of a part.
 * @throws CorruptArchiveError naming the key and the line, when the object is not what {@link encodePart} writes
 */
export async function decodePart(bytes: Buffer, key: string): Promise<PartRow[]> {
  let text: string;
  try {
    text = (await decompress(bytes)).toString('utf8');
  } catch (cause) {
    throw new CorruptArchiveError(`${key} is not whole gzip`, { cause });
  }
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new CorruptArchiveError(`${key} does not end with a line break`);
  return lines.map((line, i) => decodeRow(line, `${key}, line ${i + 1}`));
}

function decodeRow(line: string, where: string): PartRow {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // No cause: V8 quotes the text in its message.
    throw new CorruptArchiveError(`${where} is not JSON`);
  }
  const parsed = z.safeParse(archivedRowSchema, json);
  if (parsed.success) return parsed.data;
  throw new CorruptArchiveError(`${where} is not a row of a part`);
}

// By code unit, not by locale: the order must be the same on every machine.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
