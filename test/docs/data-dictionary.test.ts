import { describe, expect, it } from 'vitest';
import { type Columns } from '../../functions/archive/columns/column.ts';
import { DATABASE_NAME, hiveType, TABLES } from '../../functions/archive/tables.ts';
import { duckDbView } from '../../local/duckdb-views.ts';
import { VIEWS } from '../../queries/views.ts';
import { codeBlocks, firstTable, readDocument, section } from './markdown.ts';
import { hiveTable } from './tables.ts';

const DICTIONARY = readDocument('docs/data-dictionary.md');

const rowsOf = (columns: Columns) =>
  Object.entries(columns).map(([name, column]) => [name, hiveType(column), column.comment]);

describe('the data dictionary', () => {
  it.each([
    ['### Columns of a message', 'messages'],
    ['### Columns of a thread record', 'threads'],
    ['### Columns of an erasure record', 'erasures'],
    ['### Columns of a hold record', 'holds'],
    ['### Columns of an actor', 'actors'],
    ['### Columns of an inbox', 'inboxes'],
    ['### Columns of a channel', 'channels'],
    ['### Columns of a channel account', 'channel_accounts'],
  ] as const)(
    'has under "%s" exactly the columns that are written, with their types and meanings',
    (heading, name) => {
      const table = firstTable(section(DICTIONARY, heading));

      expect(table).toEqual(rowsOf(TABLES[name].columns));
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
