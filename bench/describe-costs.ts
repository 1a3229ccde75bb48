import { numeral } from '../local/numeral.ts';
import { formatTable } from '../local/text-table.ts';
import { SAVED_QUERIES } from '../queries/saved-queries.ts';
import { type Cost, costOfCopy, costOfParts, type Sizes } from './athena-model.ts';
import { readsOf } from './query-reads.ts';

// July of a year of messages, which come evenly; the tables begin with 2010, as they do when nothing is configured.
const WORKLOAD = {
  days: 31,
  daysOfArchive: 365,
  projectedDays: (Date.UTC(2026, 0, 1) - Date.UTC(2010, 0, 1)) / 86_400_000,
};
const ALL_COUNTED = { name: 'all, counted', sql: 'SELECT count(*) FROM messages WHERE portal_id = :portal' };

/** How many messages the archives have of which the costs are shown. */
export const ARCHIVES = [1_000_000, 100_000_000] as const;

/**
 * A table for people: what every saved query takes in Athena over an archive of so many messages in a year, for one month where
 * the query has days, and for comparison a count of all messages. Each over the parts, and with their copy in place of them.
 */
export function describeCosts(sizes: Sizes, messages: number): string {
  const head = ['query', 'parts: read', 'LIST', 'GET', 'USD', 'copy: read', 'LIST', 'GET', 'USD'];
  const rows = [...SAVED_QUERIES, ALL_COUNTED].map(({ name, sql }) => {
    const reads = readsOf(sql);
    const workload = { ...WORKLOAD, messages };
    return [
      name,
      ...cells(costOfParts(reads, sizes, workload)),
      ...cells(costOfCopy(reads, sizes, workload)),
    ];
  });
  return formatTable([head, ...rows]);
}

function cells({ bytes, lists, gets, usd }: Cost): string[] {
  return [`${inMb(bytes)} MB`, numeral(lists), numeral(gets), twoDigits(usd)];
}

function inMb(bytes: number): string {
  const mb = Number((bytes / 1e6).toPrecision(3));
  return mb < 100 ? String(mb) : numeral(mb);
}

function twoDigits(usd: number): string {
  return String(Number(usd.toPrecision(2)));
}
