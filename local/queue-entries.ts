import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { faultSchema } from '../functions/thread-queue/fault.ts';

/** A message of the queue as it is kept. Times in milliseconds since 1970. */
const queueMessageSchema = z.strictObject({
  id: z.string(),
  body: z.string(),
  sentAt: z.number(),
  /** How often it has been taken. */
  receives: z.int(),
  /** How many of these ended with the process, in the middle of the work. */
  interruptions: z.int(),
  /** Taken, and neither acknowledged nor given back. */
  taken: z.boolean(),
  /** Why it was given back last, or given up. Ids only. */
  reason: z.string().nullable(),
  /** Why it was given up, in the words of the worker that set it aside. Older journals do not know it. */
  fault: z.optional(faultSchema),
  /** When it became a dead letter. */
  buriedAt: z.number().nullable(),
});
/** A message of the queue, waiting or dead. */
export type QueueMessage = z.infer<typeof queueMessageSchema>;

const entrySchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('put'), message: queueMessageSchema }),
  z.strictObject({ op: z.literal('take'), ids: z.array(z.string()) }),
  z.strictObject({ op: z.literal('return'), id: z.string(), reason: z.string() }),
  z.strictObject({
    op: z.literal('bury'),
    id: z.string(),
    reason: z.string(),
    fault: z.optional(faultSchema),
    at: z.number(),
  }),
  z.strictObject({ op: z.literal('remove'), id: z.string() }),
]);
/** A change of the queue: one line of its journal. */
export type QueueEntry = z.infer<typeof entrySchema>;

/** The bytes of entries: a line each, its CRC-32 in front, so that a line that is torn or overwritten does not pass. */
export function encodeEntries(entries: Iterable<QueueEntry>): Buffer {
  const lines: Buffer[] = [];
  for (const entry of entries) {
    const json = JSON.stringify(entry);
    lines.push(Buffer.from(`${checksum(json)} ${json}\n`));
  }
  return Buffer.concat(lines);
}

/** The messages that a journal's lines make, in the order they were sent, and how many lines cannot be read. */
export function replayEntries(bytes: Buffer): { messages: Map<string, QueueMessage>; unreadable: number } {
  const messages = new Map<string, QueueMessage>();
  let unreadable = 0;
  for (const line of linesOf(bytes)) {
    const entry = decodeEntry(line);
    if (entry === undefined) unreadable++;
    else apply(messages, entry);
  }
  return { messages, unreadable };
}

// One by one: a string holds half a gigabyte at most, a journal more. A last line without its end is one of them.
function* linesOf(bytes: Buffer): Generator<string> {
  for (let start = 0; start < bytes.length;) {
    const lineBreak = bytes.indexOf('\n', start);
    const end = lineBreak === -1 ? bytes.length : lineBreak + 1;
    yield bytes.toString('utf8', start, end);
    start = end;
  }
}

function decodeEntry(line: string): QueueEntry | undefined {
  const json = line.slice(9, -1);
  if (line !== `${checksum(json)} ${json}\n`) return undefined;
  try {
    return entrySchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** An entry about a message that is not there says nothing: the line that put it cannot be read. */
function apply(messages: Map<string, QueueMessage>, entry: QueueEntry): void {
  if (entry.op === 'put') {
    messages.set(entry.message.id, entry.message);
    return;
  }
  for (const id of entry.op === 'take' ? entry.ids : [entry.id]) {
    const message = messages.get(id);
    if (message === undefined) continue;
    if (entry.op === 'remove') messages.delete(id);
    else Object.assign(message, changeOf(entry, message));
  }
}

function changeOf(
  entry: Exclude<QueueEntry, { op: 'put' | 'remove' }>,
  { receives }: QueueMessage,
): Partial<QueueMessage> {
  switch (entry.op) {
    case 'take':
      return { receives: receives + 1, taken: true };
    case 'return':
      return { taken: false, reason: entry.reason };
    case 'bury':
      return { taken: false, reason: entry.reason, fault: entry.fault, buriedAt: entry.at };
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
