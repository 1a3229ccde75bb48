import { formatTable } from '../../local/text-table.ts';

/** A cell of a table for people has no more characters. */
const MAX_CELL = 80;

/** What a query gave: a value for each column, in rows. Whole numbers are texts where they may be too large for a number. */
export type Answer = { columns: readonly string[]; rows: readonly (readonly unknown[])[] };

/** How an answer is written. */
export type Format = 'table' | 'csv' | 'json';

/**
 * An answer as text that ends with a line break. Whoever can write into the inbox writes what stands here, so none of it steers
 * the program that shows it. `table` is for people: what is null is empty, long texts are cut with `…`, and characters that
 * could steer a terminal or turn the order of a line are blanks. `csv` is that of RFC 4180 with a head; a text that a
 * spreadsheet would take for a formula has `'` before it (https://owasp.org/www-community/attacks/CSV_Injection, read November
 * 2026). `json` is one array of objects, with every text as it is; such characters are written as `\\uXXXX`.
 */
export function formatAnswer({ columns, rows }: Answer, format: Format): string {
  switch (format) {
    case 'json':
      return `${escaped(
        JSON.stringify(
          rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
          undefined,
          2,
        ),
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
  const inert = isFormula(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

// The letters of full width too: a spreadsheet for Japanese takes them for the others. A number is none.
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}

/** JSON stays the same with any character of its texts by its number. Those below a blank are so already. */
function escaped(json: string): string {
  return json.replaceAll(
    /[\u007F-\u009F\u2028\u2029\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function visible(text: string): string {
  const characters = Array.from(text.replaceAll(/[\p{Cc}\u2028\u2029\p{Bidi_Control}]/gu, ' '));
  return characters.length <= MAX_CELL
    ? characters.join('')
    : `${characters.slice(0, MAX_CELL - 1).join('')}…`;
}
