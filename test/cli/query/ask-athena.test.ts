import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { afterEach, describe, expect, it } from 'vitest';
import { askAthena } from '../../../cli/query/ask-athena.ts';
import { askFolder } from '../../../cli/query/ask-folder.ts';
import { ConfigError } from '../../../functions/errors.ts';
import { fakeAthena, type Script } from '../../support/fake-athena.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const SQL = 'SELECT thread_id, text FROM messages';
const PLACE = { database: 'threadvault', workGroup: 'analysts' };
const ANSWER = {
  columns: [
    ['thread_id', 'varchar'],
    ['text', 'varchar'],
  ],
  rows: [['7', null]],
} as const;

const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

/** An Athena that knows one query, and whoever asks it. */
async function setUp(script: Script) {
  const athena = await fakeAthena({ [SQL]: script });
  const client = new AthenaClient({
    endpoint: athena.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  closes.push(athena.close, () => {
    client.destroy();
  });
  const clock = virtualClock();
  const stopping = new AbortController();
  const access = { client, place: PLACE, clock, signal: stopping.signal };
  return Object.assign(athena, { clock, stopping, ask: (sql = SQL) => askAthena(access, sql) });
}

describe('asking Athena', () => {
  it('starts the query in its workgroup and database, and waits for its end', async () => {
    const { ask, queries, calls } = await setUp(ANSWER);

    const { answer, execution } = await ask();

    expect(answer).toEqual({ columns: ['thread_id', 'text'], rows: [['7', null]] });
    expect(execution).toMatchObject({ QueryExecutionId: 'query-0', StatementType: 'DML' });
    expect(queries.map(({ input }) => input)).toEqual([
      {
        QueryString: SQL,
        QueryExecutionContext: { Database: 'threadvault' },
        WorkGroup: 'analysts',
        ClientRequestToken: expect.any(String),
      },
    ]);
    expect(calls).toEqual([
      'StartQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryResults',
    ]);
  });

  it('starts it once where the answer to the first start is lost', async () => {
    const { ask, queries, calls, lost } = await setUp(ANSWER);
    lost.push('StartQueryExecution');

    await ask();

    expect(calls.filter((call) => call === 'StartQueryExecution')).toHaveLength(2);
    expect(queries).toHaveLength(1);
  });

  it('asks less and less often how far it is, every five seconds at least', async () => {
    const states = [...Array<'RUNNING'>(20).fill('RUNNING'), 'SUCCEEDED'] as const;
    const { ask, clock } = await setUp({ ...ANSWER, states });

    await ask();

    expect(clock.sleeps).toHaveLength(20);
    expect(clock.sleeps[0]).toBe(200);
    expect(clock.sleeps).toEqual(clock.sleeps.toSorted((a, b) => a - b));
    expect(clock.sleeps.slice(-5)).toEqual([5000, 5000, 5000, 5000, 5000]);
  });

  it('reads every page, and takes the head from the first alone', async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => [String(i), 'text']);
    rows[999] = ['thread_id', 'text'];
    const { ask, calls } = await setUp({ ...ANSWER, rows });

    const { answer } = await ask();

    expect(answer.rows).toEqual(rows);
    expect(calls.filter((call) => call === 'GetQueryResults')).toHaveLength(3);
  });

  it('has no rows where a SELECT found none', async () => {
    const { ask } = await setUp({ ...ANSWER, rows: [] });

    expect((await ask()).answer).toEqual({ columns: ['thread_id', 'text'], rows: [] });
  });

  it('keeps the first row of what is no SELECT', async () => {
    const columns = [['tab_name', 'string']] as const;
    const { ask } = await setUp({ statement: 'UTILITY', columns, rows: [['actors'], ['messages']] });

    expect((await ask()).answer).toEqual({ columns: ['tab_name'], rows: [['actors'], ['messages']] });
  });

  it('tells columns of one name apart', async () => {
    const columns = [
      ['a', 'varchar'],
      ['a', 'varchar'],
      ['b', 'varchar'],
      ['a', 'varchar'],
    ] as const;
    const { ask } = await setUp({ columns, rows: [] });

    expect((await ask()).answer.columns).toEqual(['a', 'a:1', 'b', 'a:2']);
  });
});

/** Of each type: what Athena's API says, its text in a result, and the SQL that means the same to DuckDB. */
const VALUES = [
  ['varchar', 'a "b"', `'a "b"'`],
  ['varchar', '', `''`],
  ['varchar', null, 'CAST(NULL AS varchar)'],
  ['boolean', 'true', 'true'],
  ['boolean', 'false', 'false'],
  ['tinyint', '-1', 'CAST(-1 AS tinyint)'],
  ['smallint', '300', 'CAST(300 AS smallint)'],
  ['integer', '70000', 'CAST(70000 AS integer)'],
  ['bigint', '9007199254740993', 'CAST(9007199254740993 AS bigint)'],
  ['bigint', null, 'CAST(NULL AS bigint)'],
  ['float', '0.5', 'CAST(0.5 AS float)'],
  ['double', '36.5', 'CAST(36.5 AS double)'],
  ['double', '60.0', 'CAST(60 AS double)'],
  ['double', '1.0E-5', 'CAST(0.00001 AS double)'],
  ['double', 'NaN', `CAST('NaN' AS double)`],
  ['double', '-Infinity', `CAST('-Infinity' AS double)`],
  ['decimal', '1.50', 'CAST(1.5 AS decimal(3, 2))'],
  ['date', '2026-01-30', `DATE '2026-01-30'`],
  ['timestamp', '2026-01-30 10:00:00.000', `TIMESTAMP '2026-01-30 10:00:00.000'`],
  ['timestamp', '2026-01-30 10:00:00.120', `TIMESTAMP '2026-01-30 10:00:00.120'`],
  // Of an Iceberg table.
  ['timestamp', '2026-01-30 10:00:00.120000', `TIMESTAMP '2026-01-30 10:00:00.12'`],
  ['timestamp', '2026-01-30 10:00:00.007', `TIMESTAMP '2026-01-30 10:00:00.007'`],
] as const;

describe('the values of an answer', () => {
  it('are those that DuckDB gives', async () => {
    const columns = VALUES.map(([type], i) => [`c${i}`, type] as const);
    const { ask } = await setUp({ columns, rows: [VALUES.map(([, value]) => value)] });
    const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-values-'));
    const list = VALUES.map(([, , sql], i) => `${sql} AS c${i}`).join(', ');

    const { answer } = await ask();

    expect(answer).toEqual(await askFolder(folder, `SELECT ${list}`));
    await rm(folder, { recursive: true });
  });

  it('are texts of Athena where they are arrays, maps and structs', async () => {
    const senders = '[{actor_id=A-1, name=null}]';
    const { ask } = await setUp({ columns: [['senders', 'array']], rows: [[senders]] });

    expect((await ask()).answer.rows).toEqual([[senders]]);
  });
});

describe('a query that Athena does not answer', () => {
  it.each([
    [
      { states: ['RUNNING', 'FAILED'], reason: 'HIVE_BAD_DATA: no JSON', scanned: 12 },
      'HIVE_BAD_DATA: no JSON\n12 bytes scanned in 0.0 s, which costs nothing; query query-0',
    ],
    [
      { states: ['FAILED'], errorMessage: 'no such column' },
      'no such column\n0 bytes scanned in 0.0 s, which costs nothing; query query-0',
    ],
    [{ states: ['FAILED'] }, 'the query is FAILED\n0 bytes scanned'],
    [
      { states: ['CANCELLED'], reason: 'Bytes scanned limit was exceeded', scanned: 20_000_001, ms: 1500 },
      'Bytes scanned limit was exceeded\n20,000,001 bytes scanned in 1.5 s, about USD 0.000105 at USD 5 per TB',
    ],
  ] as const)('is refused with what Athena said, and its id: %j', async (script, message) => {
    const { ask, calls } = await setUp(script);

    const refused = ask();

    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`Athena cannot answer: ${message}`);
    expect(calls).not.toContain('StopQueryExecution');
  });

  it('is refused before it has begun where its words are no SQL', async () => {
    const { ask } = await setUp({});

    await expect(ask('SELEC')).rejects.toThrow("line 1:1: mismatched input 'SELEC'");
  });
});

describe('a query that is not waited for', () => {
  const goesOn = { states: ['RUNNING'] } as const;

  it('is stopped when it is broken off', async () => {
    const { ask, queries, clock, stopping, calls } = await setUp(goesOn);
    const { sleep } = clock;
    clock.sleep = (ms) => {
      stopping.abort();
      return sleep(ms);
    };

    await expect(ask()).rejects.toThrow(
      new ConfigError('broken off; the query query-0 is stopped, and charged for what it has scanned'),
    );
    expect(queries.map((query) => query.isStopped())).toEqual([true]);
    expect(calls.slice(-2)).toEqual(['GetQueryExecution', 'StopQueryExecution']);
  });

  it('is not even begun when it was broken off before', async () => {
    const { ask, stopping, calls } = await setUp(goesOn);
    stopping.abort();

    await expect(ask()).rejects.toThrow('broken off');
    expect(calls).toEqual([]);
  });

  it('is stopped when it takes more than five hours', async () => {
    const { ask, queries, clock } = await setUp(goesOn);
    const { sleep } = clock;
    clock.sleep = () => sleep(3_600_000);

    await expect(ask()).rejects.toThrow(
      'Athena has not answered in 5 hours; the query query-0 is stopped, and charged for what it has scanned',
    );
    expect(queries[0]!.isStopped()).toBe(true);
    expect(clock.sleeps).toHaveLength(5);
  });

  it('is stopped when Athena does not say how far it is', async () => {
    const { ask, queries, lost } = await setUp(goesOn);
    lost.push(...Array<string>(3).fill('GetQueryExecution'));

    await expect(ask()).rejects.toThrow(
      /^AWS: InternalServerException: lost GetQueryExecution; the query query-0 is stopped/,
    );
    expect(queries[0]!.isStopped()).toBe(true);
  });

  it('is named when it could not be stopped either', async () => {
    const { ask, lost } = await setUp(goesOn);
    lost.push(...['GetQueryExecution', 'StopQueryExecution'].flatMap((call) => Array<string>(3).fill(call)));

    await expect(ask()).rejects.toThrow(
      /; the query query-0 could not be stopped and may go on \(AWS: InternalServerException: /,
    );
  });

  it('is read no further when it is broken off', async () => {
    const athena = await setUp({ ...ANSWER, rows: Array<string[]>(2500).fill(['7', 'text']) });
    athena.onCall = (operation) => {
      if (operation === 'GetQueryResults') athena.stopping.abort();
    };

    await expect(athena.ask()).rejects.toThrow(/^broken off\n0 bytes scanned in .* query query-0$/);
    expect(athena.calls.filter((call) => call === 'GetQueryResults')).toHaveLength(1);
    expect(athena.calls).not.toContain('StopQueryExecution');
  });

  it('says what it has cost when its answer cannot be read', async () => {
    const { ask, lost } = await setUp({ ...ANSWER, scanned: 1, ms: 200 });
    lost.push(...Array<string>(3).fill('GetQueryResults'));

    await expect(ask()).rejects.toThrow(
      /^AWS: InternalServerException: lost GetQueryResults\n1 bytes scanned in 0\.2 s, about USD 0\.000050 .*query-0$/,
    );
  });
});
