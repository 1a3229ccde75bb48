import { describe, expect, it } from 'vitest';
import {
  ACTOR_COLUMNS,
  CHANNEL_ACCOUNT_COLUMNS,
  CHANNEL_COLUMNS,
  type Column,
  ERASURE_COLUMNS,
  HOLD_COLUMNS,
  INBOX_COLUMNS,
  MESSAGE_COLUMNS,
  THREAD_COLUMNS,
} from '../../functions/archive/columns.ts';
import { DATABASE_NAME, hiveType, TABLES } from '../../functions/archive/tables.ts';
import { duckDbView } from '../../local/duckdb-views.ts';
import { VIEWS } from '../../queries/views.ts';
import { codeBlocks, firstTable, readDocument, section } from './markdown.ts';
import { hiveTable } from './tables.ts';

const DICTIONARY = readDocument('docs/data-dictionary.md');

const rowsOf = (columns: Readonly<Record<string, Column>>) =>
  Object.entries(columns).map(([name, column]) => [name, hiveType(column), column.comment]);

describe('the data dictionary', () => {
  it.each([
    ['### Columns of a message', MESSAGE_COLUMNS],
    ['### Columns of a thread record', THREAD_COLUMNS],
    ['### Columns of an erasure record', ERASURE_COLUMNS],
    ['### Columns of a hold record', HOLD_COLUMNS],
    ['### Columns of an actor', ACTOR_COLUMNS],
    ['### Columns of an inbox', INBOX_COLUMNS],
    ['### Columns of a channel', CHANNEL_COLUMNS],
    ['### Columns of a channel account', CHANNEL_ACCOUNT_COLUMNS],
  ])(
    'has under "%s" exactly the columns that are written, with their types and meanings',
    (heading, columns) => {
      const table = firstTable(section(DICTIONARY, heading));

      expect(table).toEqual(rowsOf(columns));
    },
  );

  it.each(VIEWS)('has exactly the columns of the view $name, with their types and meanings', (view) => {
    const table = firstTable(section(DICTIONARY, `### Columns of ${view.name}`));

    expect(table).toEqual(rowsOf(view.columns));
  });

  it('has the statements that make tables of those columns in Athena', () => {
    const statements = codeBlocks(section(DICTIONARY, '## Athena'), 'sql');

    expect(statements).toEqual([
      `CREATE DATABASE ${DATABASE_NAME};`,
      ...Object.entries(TABLES).map(([name, table]) => hiveTable(name, table)),
    ]);
  });

  it('has the statements that make views of those columns in DuckDB', () => {
    const statements = codeBlocks(section(DICTIONARY, '## DuckDB'), 'sql');

    expect(statements).toEqual(
      Object.entries(TABLES).map(([name, table]) => duckDbView(name, table, 'archive')),
    );
  });
});
