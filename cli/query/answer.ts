import { formatTable } from '../../local/text-table.ts';

/** A cell of a table for people has no more characters. */
const MAX_CELL = 80;

/** What a query gave: a value for each column, in rows. Whole numbers are texts where they may be too large for a number. */
export type Answer = { columns: readonly string[]; rows: readonly (readonly unknown[])[] };

/** How an answer is written. */
export type Format = 'table' | 'csv' | 'json';

/**
 * An answer as text that ends with a line break. `table` is for people: what is null is empty, long texts are cut with `…`, and
 * control characters, which could steer a terminal, are blanks. `csv` is that of RFC 4180 with a head. `json` is one array of
 * objects.
 */
export function formatAnswer({ columns, rows }: Answer, format: Format): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(
        rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
        undefined,
        2,
      )}\n`;
    case 'csv':
      return [columns, ...rows]
        .map((row) => `${row.map((value) => csvCell(textOf(value))).join(',')}\r\n`)
        .join('');
    case 'table':
      return `${formatTable([[...columns], ...rows.map((row) => row.map((value) => visible(textOf(value))))])}\n`;
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function visible(text: string): string {
  const characters = Array.from(text.replaceAll(/\p{Cc}/gu, ' '));
  return characters.length <= MAX_CELL
    ? characters.join('')
    : `${characters.slice(0, MAX_CELL - 1).join('')}…`;
}
