import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Column, type Columns } from '../functions/archive/columns/column.ts';
import { VIEW_COLUMNS } from './view-columns.ts';

/*
 * The views: one file of SQL each in the folder views/, in the words that Athena and DuckDB share. They name tables without
 * a database: a view is read in the database it was made in. They join by the account too, on ids that a table has once in
 * an account, and keep what nothing is found for: a view has the rows of its first table, each once.
 */

/** A view over the tables. */
export type View = {
  /** The name of its file, without the ending. */
  name: string;
  /** What it has: the file's first line. */
  description: string;
  /** A query without a semicolon. */
  sql: string;
  /** In the order of the SQL. */
  columns: Columns;
};

const FOLDER = path.join(import.meta.dirname, 'views');

/** Every view, by name. */
export const VIEWS: readonly View[] = readdirSync(FOLDER).sort().map(readView);

/** Digits of a second's fraction that Trino, of which Athena is made, reads of a time: from text, and from an Iceberg table. */
export const TIME_DIGITS = { text: 3, iceberg: 6 } as const;

/** The type of a column as Trino writes it. */
export function trinoType(column: Column, timeDigits: number = TIME_DIGITS.text): string {
  const types = {
    string: 'varchar',
    boolean: 'boolean',
    timestamp: `timestamp(${timeDigits})`,
    bigint: 'bigint',
  } as const;
  if ('type' in column) return types[column.type];
  const { arrayOf } = column;
  if (typeof arrayOf === 'string') return `array(${types[arrayOf]})`;
  const fields = Object.entries(arrayOf).map(([name, type]) => `"${name}" ${types[type]}`);
  return `array(row(${fields.join(',')}))`;
}

function readView(file: string): View {
  const name = path.basename(file, '.sql');
  const columns = VIEW_COLUMNS[name];
  if (columns === undefined) throw new TypeError(`no columns are known of the view ${name}`);
  const [first = '', ...rest] = readFileSync(path.join(FOLDER, file), 'utf8').trim().split('\n');
  return { name, description: first.replace(/^-- /, ''), sql: rest.join('\n'), columns };
}
