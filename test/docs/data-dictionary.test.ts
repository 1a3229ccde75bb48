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
import { codeBlocks, firstTable, readDocument, section } from './markdown.ts';
import { duckDbView, hiveTable, hiveType } from './tables.ts';

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

  it('has the statements that make tables of those columns in Athena', () => {
    const statements = codeBlocks(section(DICTIONARY, '## Athena'), 'sql');

    expect(statements).toEqual([
      'CREATE DATABASE threadvault;',
      hiveTable('messages', MESSAGE_COLUMNS, ['portal_id', 'dt']),
      hiveTable('threads', THREAD_COLUMNS, ['portal_id']),
      hiveTable('erasures', ERASURE_COLUMNS, ['portal_id']),
      hiveTable('holds', HOLD_COLUMNS, ['portal_id']),
      hiveTable('actors', ACTOR_COLUMNS, ['portal_id']),
      hiveTable('inboxes', INBOX_COLUMNS, ['portal_id']),
      hiveTable('channels', CHANNEL_COLUMNS, ['portal_id']),
      hiveTable('channel_accounts', CHANNEL_ACCOUNT_COLUMNS, ['portal_id']),
    ]);
  });

  it('has the statements that make views of those columns in DuckDB', () => {
    const statements = codeBlocks(section(DICTIONARY, '## DuckDB'), 'sql');

    expect(statements).toEqual([
      duckDbView('messages', '**/*.json.gz', MESSAGE_COLUMNS, ['portal_id', 'dt']),
      duckDbView('threads', '**/*.json', THREAD_COLUMNS, ['portal_id']),
      duckDbView('erasures', '**/*.json', ERASURE_COLUMNS, ['portal_id']),
      duckDbView('holds', '**/*.json', HOLD_COLUMNS, ['portal_id']),
      duckDbView('actors', '**/*.json', ACTOR_COLUMNS, ['portal_id']),
      duckDbView('inboxes', '**/*.json', INBOX_COLUMNS, ['portal_id']),
      duckDbView('channels', '**/*.json', CHANNEL_COLUMNS, ['portal_id']),
      duckDbView('channel_accounts', '**/*.json', CHANNEL_ACCOUNT_COLUMNS, ['portal_id']),
    ]);
  });
});
