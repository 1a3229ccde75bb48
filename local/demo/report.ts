import path from 'node:path';
import { numeral } from '../numeral.ts';
import { formatTable } from '../text-table.ts';
import { type Comparison, type Counts, FAULTS, isComplete } from './compare.ts';

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
const LABEL_WIDTH = 19;

/** The result, for people. */
export function describeResult({
  comparison,
  latenciesMs,
  calls,
  rateLimited,
  folder,
  answer,
}: DemoResult): string {
  const { counts, archivedMessages } = comparison;
  const percentiles = [0.5, 0.95, 0.99].map((p) => `p${p * 100} ${seconds(percentile(latenciesMs, p))}`);
  return [
    '',
    `HubSpot holds      ${numeral(counts.messages)} messages in ${numeral(counts.threads)} threads`,
    `the archive holds  ${numeral(archivedMessages)} messages`,
    ...describeCounts(counts).map((line, i) => (i === 0 ? 'compared' : '').padEnd(LABEL_WIDTH) + line),
    ...describeFaults(comparison),
    isComplete(comparison)
      ? 'Complete: everything that HubSpot holds is in the archive, byte for byte, and nothing that was erased.'
      : 'NOT complete.',
    '',
    `event to archived  ${percentiles.join(', ')}  (over ${numeral(latenciesMs.length)} messages)`,
    `HubSpot calls      ${numeral(calls)}, ${(calls / archivedMessages).toFixed(2)} per archived message, ${numeral(rateLimited)} refused for their rate`,
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

/** What the numbers are about, and what was compared for it. */
function describeCounts(counts: Counts): string[] {
  const { edited, editedUnannounced, removed, originals, files, trashed, restored, erased } = counts;
  const unannounced = editedUnannounced === 0 ? '' : `; ${numeral(editedUnannounced)} with no event since`;
  return [
    `${numeral(edited)} messages that were edited, after their last edit${unannounced}`,
    `${numeral(removed)} that HubSpot holds no more, kept and marked`,
    `${numeral(originals)} that HubSpot lists cut, with their whole text`,
    `${numeral(files)} attached files, by their bytes and SHA-256`,
    `${numeral(trashed)} threads in the trash, marked; ${numeral(restored)} taken out again, not marked`,
    `${numeral(erased)} threads deleted for privacy: on record, and nothing of them left`,
  ];
}

function describeFaults({ faults }: Comparison): string[] {
  return FAULTS.flatMap(([fault, name]) => {
    const ids = faults[fault];
    return ids.length === 0 ? [] : [`${name}: ${numeral(ids.length)}, ${someOf(ids)}`];
  });
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
