import path from 'node:path';
import { formatTable } from '../text-table.ts';
import { type Comparison, isComplete } from './compare.ts';
import { number } from './progress.ts';

/** Everything that a run of the demonstration ends with. */
export type DemoResult = {
  comparison: Comparison;
  /** From a message's creation to its acknowledgement as archived, in milliseconds, unordered. */
  latenciesMs: number[];
  /** Calls of HubSpot's API, refused ones included. */
  calls: number;
  rateLimited: number;
  folder: string;
  answer: { sql: string; table: string[][] };
};

const MOST_IDS_SHOWN = 5;

/** The result, for people. */
export function describeResult({
  comparison,
  latenciesMs,
  calls,
  rateLimited,
  folder,
  answer,
}: DemoResult): string {
  const { hubspotMessages, archivedMessages, missing, different, misplaced } = comparison;
  const { originals, withoutOriginal, files, withoutFile } = comparison;
  const percentiles = [0.5, 0.95, 0.99].map((p) => `p${p * 100} ${seconds(percentile(latenciesMs, p))}`);
  return [
    '',
    `HubSpot holds      ${number(hubspotMessages)} messages`,
    `the archive holds  ${number(archivedMessages)} messages, the whole text of ${number(originals)} that are listed cut, and ${number(files)} attached files`,
    ...[
      ['missing', missing] as const,
      ['with other content', different] as const,
      ['twice or on another day', misplaced] as const,
      ['without their whole text', withoutOriginal] as const,
      ['without a file', withoutFile] as const,
    ].flatMap(([fault, ids]) =>
      ids.length === 0 ? [] : [`${fault}: ${number(ids.length)}, ${someOf(ids)}`],
    ),
    isComplete(comparison)
      ? 'Complete: every message and every file is in the archive, byte for byte.'
      : 'NOT complete.',
    '',
    `event to archived  ${percentiles.join(', ')}  (over ${number(latenciesMs.length)} messages)`,
    `HubSpot calls      ${number(calls)}, ${(calls / archivedMessages).toFixed(2)} per archived message, ${number(rateLimited)} refused for their rate`,
    `the files          ${path.resolve(folder)}`,
    '',
    'One question, answered by DuckDB over those files:',
    '',
    indent(answer.sql),
    '',
    indent(formatTable(answer.table)),
    '',
  ].join('\n');
}

/** The value that a share of the sorted values does not exceed; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function someOf(ids: readonly string[]): string {
  return ids.slice(0, MOST_IDS_SHOWN).join(', ') + (ids.length > MOST_IDS_SHOWN ? ', …' : '');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
