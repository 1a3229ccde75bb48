import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCaptureThread } from '../../../functions/archive/capture.ts';
import { partKey } from '../../../functions/archive/layout.ts';
import { TABLES } from '../../../functions/archive/tables.ts';
import { openFolderStore } from '../../../local/folder-store.ts';
import { SAVED_QUERIES } from '../../../queries/saved-queries.ts';
import { VIEWS } from '../../../queries/views.ts';
import { fakeConversations, hubSpotMessage, THREAD } from '../../support/conversation.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "threadvault-'query-"));
  const store = await openFolderStore(folder);
  await createCaptureThread({
    conversations: fakeConversations([
      hubSpotMessage('m1', '2026-01-31T10:00:00Z', { text: 'a "b",\u001b[31m c' }),
      hubSpotMessage('m2', '2026-02-01T10:00:00Z', {
        text: null,
        // Neither a time of a year beyond 9999 nor half of an emoji may keep the rows beside it from being read.
        updatedAt: '+012345-01-01T00:00:00Z',
        senders: [{ actorId: 'V-1', name: 'Ann \ud83d' }],
      }),
    ]).conversations,
    apiVersion: 'v3',
    store,
    sources: { getOriginal: () => Promise.reject(new Error('none')), files: undefined },
    settlingMs: 0,
  })({ ...THREAD, announced: { messageIds: [], occurredAt: 0, firstTry: true }, requestId: 'r' });
  await store.close();
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs what `npm run query -- --folder … …` runs. */
function query(...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['cli/query.ts', '--folder', folder, ...args],
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

const TEXTS = 'SELECT message_id, text, portal_id, dt FROM messages ORDER BY message_id';

describe('npm run query', () => {
  it('prints a table that cannot steer a terminal', async () => {
    expect(await query(TEXTS)).toEqual({
      code: 0,
      stdout: [
        'message_id  text           portal_id  dt',
        '----------  -------------  ---------  ----------',
        'm1          a "b", [31m c  62515      2026-01-31',
        'm2                         62515      2026-02-01',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('cuts long texts in a table alone', async () => {
    const long = "SELECT repeat('x', 80) AS fits, repeat('x', 81) AS cut";

    const table = await query(long);
    const csv = await query(long, '--csv');

    expect(table.stdout.split('\n')[2]).toBe(`${'x'.repeat(80)}  ${'x'.repeat(79)}…`);
    expect(csv.stdout).toContain('x'.repeat(81));
  });

  it('prints CSV and JSON', async () => {
    const csv = await query(TEXTS, '--csv');
    const json = await query(TEXTS, '--json');

    expect(csv.stdout).toBe(
      'message_id,text,portal_id,dt\r\nm1,"a ""b"",\u001b[31m c",62515,2026-01-31\r\nm2,,62515,2026-02-01\r\n',
    );
    expect(JSON.parse(json.stdout)).toEqual([
      { message_id: 'm1', text: 'a "b",\u001b[31m c', portal_id: '62515', dt: '2026-01-31' },
      { message_id: 'm2', text: null, portal_id: '62515', dt: '2026-02-01' },
    ]);
  });

  it('has no text in CSV that a spreadsheet takes for a formula, and leaves numbers and JSON alone', async () => {
    const texts = [
      '=HYPERLINK("http://a")',
      '+1 2',
      '-1+1',
      '@SUM(1)',
      '\t=1',
      '＝1',
      'a=b',
      '+49170',
      '-1.5',
    ];
    const sql = `SELECT unnest([${texts.map((text) => `'${text}'`).join(', ')}]) AS text, -1 AS n`;

    const csv = await query(sql, '--csv');
    const json = await query(sql, '--json');

    expect(csv.stdout.split('\r\n').slice(1, -1)).toEqual([
      `"'=HYPERLINK(""http://a"")",-1`,
      "'+1 2,-1",
      "'-1+1,-1",
      "'@SUM(1),-1",
      "'\t=1,-1",
      "'＝1,-1",
      'a=b,-1',
      '+49170,-1',
      '-1.5,-1',
    ]);
    expect(JSON.parse(json.stdout)).toEqual(texts.map((text) => ({ text, n: -1 })));
  });

  it('cannot steer a terminal by what turns a line or stands beyond ASCII, nor by an error', async () => {
    const text = 'a\u009b31m\u202egpj.exe\u2066';
    const sql = `SELECT '${text}' AS text`;

    const json = await query(sql, '--json');
    const table = await query(sql);
    const error = await query('SELECT text::INTEGER FROM messages');

    expect(JSON.parse(json.stdout)).toEqual([{ text }]);
    expect(json.stdout).toContain(String.raw`a\u009b31m\u202egpj.exe\u2066`);
    expect(table.stdout.split('\n')[2]).toBe('a 31m gpj.exe');
    expect(error).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DuckDB cannot answer') as string,
    });
    expect(error.stderr).not.toContain('\u001b');
  });

  it('has a table, with its columns, where nothing is archived yet', async () => {
    const columns = 'thread_id, cases, history, portal_id';

    expect(await query(`SELECT ${columns} FROM holds`, '--csv')).toMatchObject({
      code: 0,
      stdout: 'thread_id,cases,history,portal_id\r\n',
    });
  });

  it('has the views, also while nobody and no place is named yet', async () => {
    const messages = await query(
      'SELECT message_id, thread_status, author_name FROM messages_named',
      '--csv',
    );
    const threads = await query('SELECT thread_id, message_count, inbox_name FROM THREADS_NAMED', '--csv');

    expect(messages).toMatchObject({
      code: 0,
      stdout: 'message_id,thread_status,author_name\r\nm1,OPEN,\r\nm2,OPEN,\r\n',
    });
    expect(threads).toMatchObject({
      code: 0,
      stdout: 'thread_id,message_count,inbox_name\r\n6065362089,2,\r\n',
    });
  });

  it('has views without rows where nothing is archived yet', async () => {
    await rm(folder, { recursive: true });
    await mkdir(folder);

    const { stdout } = await query(
      'SELECT * FROM messages_named JOIN threads_named USING (thread_id)',
      '--json',
    );

    expect(stdout).toBe('[]\n');
  });

  it('opens the files of the day that is asked for, and no others', async () => {
    await writeFile(path.join(folder, partKey({ ...THREAD, dt: '2026-02-01' })), 'no gzip');

    const oneDay = await query("SELECT message_id FROM messages WHERE dt = '2026-01-31'", '--csv');
    const inView = await query("SELECT message_id FROM messages_named WHERE dt = '2026-01-31'", '--csv');
    const all = await query('SELECT message_id FROM messages', '--csv');

    expect(inView).toEqual(oneDay);
    expect(oneDay).toMatchObject({ code: 0, stdout: 'message_id\r\nm1\r\n' });
    expect(all).toMatchObject({ code: 1, stdout: '' });
    expect(all.stderr).toMatch(/^DuckDB cannot answer: /);
  });

  it('asks a saved query, with its parameters', async () => {
    const parameters = ['portal=62515', 'thread=6065362089', 'from=2026-02-01', 'to=2026-02-01'];
    const given = parameters.flatMap((parameter) => ['--param', parameter]);

    const { code, stdout } = await query('--saved', 'transcript', ...given, '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ created_at: '2026-02-01 10:00:00', author: null }]);
  });

  it('says which tables and views there are', async () => {
    const { stdout } = await query('--help');

    const names = [...Object.keys(TABLES), ...VIEWS.map(({ name }) => name)];
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(stdout))).toEqual([]);
  });

  it('lists the saved queries', async () => {
    const { stdout } = await query('--saved');

    const [, , ...lines] = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(SAVED_QUERIES.map(({ name }) => name));
  });

  it.each([
    [[], 2, 'one query is needed, in quotes; see npm run query -- --help'],
    [[' '], 2, 'one query is needed, in quotes; see npm run query -- --help'],
    [['SELECT', '1'], 2, 'one query is needed, in quotes; see npm run query -- --help'],
    [['SELECT 1', '--csv', '--json'], 2, 'of --csv and --json only one can be given'],
    [['SELECT 1', '--param', 'a=b'], 2, '--param is for a saved query, with --saved'],
    [['--saved', 'transcript', '--param', 'a'], 2, '--param is "a", but takes name=value'],
    [['--saved', 'nonsense'], 2, 'there is no saved query "nonsense"; there are '],
    [['--saved', 'volume'], 2, 'the query volume cannot be filled in:\n  portal is missing; '],
    [['SELECT 1', '--colour'], 2, "Unknown option '--colour'; see npm run query -- --help\n"],
    [['SELECT nothing'], 1, 'DuckDB cannot answer: '],
    [['SELECT 1', '--folder', '/nowhere'], 1, 'there is no folder /nowhere'],
  ])('refuses %j', async (args, code, message) => {
    const { stderr, ...rest } = await query(...args);

    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr.startsWith(message)).toBe(true);
  });
});
