import { messageRow } from '../../functions/archive/row.ts';
import { needsOf } from '../../functions/archive/needs.ts';
import { type Conversations } from '../../functions/hubspot/conversations.ts';
import { type LackingThread } from './survey.ts';

/** What reading one thread whole takes. */
export type ThreadCost = { messages: number; pages: number; originals: number; files: number };

/** What was measured of some threads. Without a cost: HubSpot showed no such thread any more, or could not. */
export type Sample = { costs: ThreadCost[]; unread: number };

/** A number of which only a sample was measured, with twice its standard error to either side. */
export type Estimate = { about: number; from: number; to: number };

// Costs as many calls as these threads have pages: well below a minute at the default rate, as a rule.
const SAMPLE_SIZE = 50;

/** Some of the threads, each with the same chance. */
export function drawSample(
  threads: readonly LackingThread[],
  random: () => number = Math.random,
): LackingThread[] {
  const rest = [...threads];
  const size = Math.min(SAMPLE_SIZE, rest.length);
  return Array.from({ length: size }, () => rest.splice(Math.floor(random() * rest.length), 1)).flat();
}

/** Reads a thread's history as archiving it would, and counts. Costs a call for each page, and keeps nothing. */
export async function measureThread(
  { listMessagePages }: Pick<Conversations, 'listMessagePages'>,
  portalId: string,
  { threadId, inTrash }: LackingThread,
  { withFiles }: { withFiles: boolean },
): Promise<ThreadCost> {
  const cost: ThreadCost = { messages: 0, pages: 0, originals: 0, files: 0 };
  for await (const { messages } of listMessagePages({ portalId, threadId }, { threadIsArchived: inTrash })) {
    const needs = needsOf(
      messages.map((message) => messageRow(message, threadId, '')),
      { withFiles },
    );
    cost.pages++;
    cost.messages += messages.length;
    cost.originals += needs.filter(({ kind }) => kind === 'original').length;
    cost.files += needs.filter(({ kind }) => kind === 'attachment').length;
  }
  return cost;
}

/** Calls of HubSpot that archiving such a thread takes at most, downloads of files aside. */
export function callsOf({ pages, originals, files }: ThreadCost): number {
  return 1 + pages + originals + files;
}

/** The sum over so many threads, of which some were measured. */
export function estimateTotal(threads: number, measured: readonly number[]): Estimate {
  const size = measured.length;
  if (size === 0) return { about: 0, from: 0, to: 0 };
  const mean = measured.reduce((sum, value) => sum + value, 0) / size;
  const known = measured.reduce((sum, value) => sum + value, 0);
  const variance = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, size - 1);
  // Nothing is left to be wrong about when all were measured.
  const doubt = 2 * Math.sqrt((variance / size) * (1 - size / threads)) * threads;
  const about = mean * threads;
  return { about, from: Math.max(known, about - doubt), to: about + doubt };
}
