import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { THREAD_COLUMNS } from '../../functions/archive/columns/threads.ts';
import { TABLES } from '../../functions/archive/tables.ts';
import { duckDbView, emptyDuckDbView } from '../../local/duckdb-views.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { trinoType, VIEWS } from '../../queries/views.ts';
import { codeBlocks, readDocument, section } from '../docs/markdown.ts';
import { archiveTwoAccounts, RUTH } from '../support/two-accounts.ts';

let folder: string;
let duckDb: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-views-'));
  await archiveTwoAccounts(folder);
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const name of ['messages', 'threads', 'actors', 'inboxes', 'channels', 'channel_accounts'] as const) {
    await duckDb.run(duckDbView(name, TABLES[name], folder));
  }
  for (const { name, sql } of VIEWS) await duckDb.run(`CREATE VIEW ${name} AS ${sql}`);
});
afterAll(async () => {
  duckDb.closeSync();
  await rm(folder, { recursive: true });
});

describe('the views', () => {
  it('are these, each with what it has', () => {
    expect(VIEWS.map(({ name }) => name)).toEqual(['messages_named', 'threads_named']);
    expect(VIEWS.filter(({ description }) => !/^[A-Z].{20,}[^.]$/.test(description))).toEqual([]);
  });

  it.each(VIEWS)('$name has the columns and types that are said', async ({ name, columns }) => {
    const said = { prefix: '', extension: '.json', columns, partitions: [] } as const;
    await duckDb.run(emptyDuckDbView(`said_of_${name}`, said));

    expect(await ask(`DESCRIBE ${name}`)).toEqual(await ask(`DESCRIBE said_of_${name}`));
  });

  it.each(VIEWS)('$name says of each column what it means', ({ columns }) => {
    const comments = Object.values(columns).map(({ comment }) => comment);

    // Glue takes 255 characters (https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html).
    expect(comments.filter((comment) => comment.length === 0 || comment.length > 255)).toEqual([]);
  });

  it('have each row of their table once, in both accounts', async () => {
    const messages = await ask('SELECT portal_id, dt, message_id FROM messages ORDER BY ALL');
    const threads = await ask('SELECT portal_id, thread_id FROM threads ORDER BY ALL');

    expect(messages).toHaveLength(10);
    expect(await ask('SELECT portal_id, dt, message_id FROM messages_named ORDER BY ALL')).toEqual(messages);
    expect(threads).toHaveLength(4);
    expect(await ask('SELECT portal_id, thread_id FROM threads_named ORDER BY ALL')).toEqual(threads);
  });

  it('name tables without a database, and end without a semicolon', () => {
    expect(VIEWS.filter(({ sql }) => /(FROM|JOIN) \w+\.|;/.test(sql))).toEqual([]);
  });
});

describe('messages_named', () => {
  it('names who wrote, as far as anybody knows, and where', async () => {
    expect(
      await ofAccount(
        'messages_named',
        'message_id, created_by, author_type, author_name, author_email, channel_name, channel_account_name, channel_account_address',
      ),
    ).toEqual([
      ['m1', 'V-900', null, null, null, 'EMAIL', 'sales@example.org', 'sales@example.org'],
      [
        'm2',
        RUTH,
        'AGENT',
        'Ruth Adeyemi',
        'ruth.adeyemi@example.org',
        'EMAIL',
        'sales@example.org',
        'sales@example.org',
      ],
      ...['m3', 'm5'].map((id) => [
        id,
        'V-900',
        null,
        null,
        null,
        'EMAIL',
        'sales@example.org',
        'sales@example.org',
      ]),
      ['m4', null, null, null, null, null, null, null],
    ]);
  });

  it('has the whole text, and says where that is lacking', async () => {
    expect(await ofAccount('messages_named', 'message_id, text, rich_text, text_cut')).toEqual([
      ['m1', 'all of m1', '<p>cut</p>', false],
      ['m2', 'text of m2', null, false],
      ['m3', 'text of m3', '<p>all of m3</p>', true],
      ['m5', 'text of m5', '<p>cut</p>', true],
      ['m4', null, null, false],
    ]);
  });

  it('says of the thread how it is now, with an inbox that is gone', async () => {
    expect(
      await ofAccount(
        'messages_named',
        'message_id, thread_status, thread_inbox_id, thread_inbox_name, thread_assigned_to, thread_assignee_name, associated_contact_id',
      ),
    ).toEqual([
      ...['m1', 'm2', 'm3', 'm5'].map((id) => [id, 'OPEN', '104531', 'Sales', RUTH, 'Ruth Adeyemi', '900']),
      ['m4', 'CLOSED', '104530', 'Support', null, null, null],
    ]);
  });

  it('answers the question of the data dictionary', async () => {
    const [question] = codeBlocks(section(readDocument('docs/data-dictionary.md'), '## Views'), 'sql');

    expect(await ask(question!)).toEqual([
      ['Sales', 'V-900', '2'],
      ['Sales', 'Ruth Adeyemi', '1'],
    ]);
  });
});

describe('threads_named', () => {
  it('names where a thread is and whose it is, and counts its messages', async () => {
    expect(
      await ofAccount(
        'threads_named',
        'thread_id, inbox_name, inbox_type, original_channel_name, original_channel_account_name, original_channel_account_address, assignee_name, assignee_email, message_count, last_message_at',
      ),
    ).toEqual([
      [
        '21',
        'Sales',
        'INBOX',
        'EMAIL',
        'sales@example.org',
        'sales@example.org',
        'Ruth Adeyemi',
        'ruth.adeyemi@example.org',
        '4',
        '2026-02-01 12:00:00',
      ],
      ['22', 'Support', 'INBOX', 'LIVE_CHAT', 'Website chat', null, null, null, '1', '2026-02-01 13:00:00'],
    ]);
  });

  it('says since when a thread waits for an answer, as the saved query does', async () => {
    const unanswered = SAVED_QUERIES.find(({ name }) => name === 'unanswered')!;
    const now = { portal: '62515', hours: '0', asof: '2026-02-02T00:00:00Z' };
    const waiting = await ask(fillIn(unanswered, new Map(Object.entries(now))));

    expect(await ofAccount('threads_named', 'thread_id, waiting_since')).toEqual([
      ['21', '2026-02-01 12:00:00'],
      ['22', null],
    ]);
    expect(waiting.map(([thread, , , since]) => [thread, since])).toEqual([['21', '2026-02-01 12:00:00']]);
  });

  it.each([
    ['nobody wait in a closed thread', "status = 'CLOSED'", []],
    ['nobody wait in a thread in the trash', "deleted_at = TIMESTAMP '2026-02-01 12:00:00'", []],
    [
      'nobody wait in a thread that was answered',
      "latest_message_sent_timestamp = TIMESTAMP '2026-02-01 12:00:00'",
      [],
    ],
    ['nobody wait where nothing came in', 'latest_message_received_timestamp = NULL', []],
    [
      'those wait who were never answered',
      'latest_message_sent_timestamp = NULL',
      [
        ['21', '62515'],
        ['21', '62516'],
      ],
    ],
  ])('lets %s', async (_, change, waiting) => {
    const { sql } = VIEWS.find(({ name }) => name === 'threads_named')!;
    await ask('CREATE OR REPLACE TABLE changed AS SELECT * FROM threads');
    await ask(`UPDATE changed SET ${change}`);

    const changed = `(${sql.replace('FROM threads t', 'FROM changed t')})`;
    const rows = await ask(
      `SELECT thread_id, portal_id FROM ${changed} WHERE waiting_since IS NOT NULL ORDER BY ALL`,
    );

    expect(rows).toEqual(waiting);
  });
});

describe('trinoType', () => {
  it('writes a type as Trino does', () => {
    const { columns } = VIEWS[0]!;

    expect(
      ['text', 'text_cut', 'created_at', 'attachments'].map((name) => trinoType(columns[name]!)),
    ).toEqual([
      'varchar',
      'boolean',
      'timestamp(3)',
      // What `CREATE VIEW` of Trino 476 stores.
      'array(row("type" varchar,"file_id" varchar,"name" varchar,"url" varchar,"usage" varchar,"archive_key" varchar,"sha256" varchar,"bytes" bigint))',
    ]);
    expect(trinoType(THREAD_COLUMNS.unseen_message_ids)).toBe('array(varchar)');
  });
});

/** Columns of a view's rows of one account, in the order of time. */
function ofAccount(view: string, columns: string): Promise<unknown[][]> {
  return ask(`SELECT ${columns} FROM ${view} WHERE portal_id = '62515' ORDER BY created_at, ${columns}`);
}

async function ask(sql: string): Promise<unknown[][]> {
  return (await duckDb.runAndReadAll(sql)).getRowsJson();
}
