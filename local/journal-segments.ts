import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { type Change, changeSchema } from '../functions/digest/digest.ts';
import { ignoreMissing } from './durable-files.ts';

const entrySchema = z.object({
  announced: z.string().optional(),
  confirmed: z.string().optional(),
  change: changeSchema,
});
/** A line of the journal: a change that is announced, or one that has taken place. */
export type JournalEntry = z.infer<typeof entrySchema>;

const SEGMENT = /^(\d{12})\.ndjson$/;

/** The name of a segment's file. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(12, '0')}.ndjson`;
}

/** The segments of a journal that are there, oldest first. */
export async function segmentsOf(folder: string): Promise<number[]> {
  const names = (await readdir(folder).catch(ignoreMissing)) ?? [];
  return names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * The entries of a segment, in their order; none when it is gone. Lines that a kill has cut off are left out: nobody was told of
 * them.
 */
export async function readSegment(folder: string, segment: number): Promise<JournalEntry[]> {
  const text = await readFile(path.join(folder, segmentName(segment)), 'utf8').catch(ignoreMissing);
  return (text ?? '').split('\n').flatMap((line) => {
    const entry = entrySchema.safeParse(parse(line));
    return entry.success ? [entry.data] : [];
  });
}

/** The changes of a folder that no digest lists yet, also those that are only announced. Also while another process writes. */
export async function* pendingChanges(folder: string): AsyncGenerator<Change> {
  for (const segment of await segmentsOf(folder)) {
    for (const { change } of await readSegment(folder, segment)) yield change;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
