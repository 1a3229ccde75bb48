import { type Table, TABLES } from '../functions/archive/tables.ts';

/** One table that a query reads, once: a query that names it twice reads it twice. */
export type Read = {
  table: string;
  /** The columns that the query names of it, those by which keys are divided too; sorted. */
  columns: readonly string[];
  /** Whether it reads no more than the days from `:from` to `:to`. */
  isBounded: boolean;
};

const TABLES_BY_NAME: ReadonlyMap<string, Table> = new Map(Object.entries(TABLES));
// After a table's name: what is no name that the query gives it.
const NO_ALIAS = '(?!ON\\b|WHERE\\b|LEFT\\b|JOIN\\b|GROUP\\b|ORDER\\b)';
const MENTION = new RegExp(`\\b(?:FROM|JOIN)\\s+(\\w+)(?:\\s+${NO_ALIAS}(\\w+))?`, 'g');

/**
 * What a saved query reads, found in its SQL as it is written there: keywords in capitals, each table's columns behind the
 * name it gets, unless the table is alone. What a query calls a table by WITH is none.
 */
export function readsOf(sql: string): Read[] {
  return sql.split(/\bSELECT\b/).flatMap((block) =>
    Array.from(block.matchAll(MENTION), ([, table = '', alias]) => ({ table, alias }))
      .filter(({ table }) => TABLES_BY_NAME.has(table))
      .map(({ table, alias }) => {
        const prefix = alias === undefined ? '' : `${alias}\\.`;
        const columns = columnsOf(table).filter((column) =>
          new RegExp(`\\b${prefix}${column}\\b`).test(block),
        );
        const isBounded = new RegExp(`\\b${prefix}dt BETWEEN :from AND :to\\b`).test(block);
        return { table, columns, isBounded };
      }),
  );
}

function columnsOf(table: string): string[] {
  const { columns = {}, partitions = [] } = TABLES_BY_NAME.get(table) ?? {};
  return [...Object.keys(columns), ...partitions].sort();
}
