import { execFile } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { fillIn, SAVED_QUERIES } from '../../../queries/saved-queries.ts';
import { fakeAthena, OUTPUTS, type Script } from '../../support/fake-athena.ts';

type Athena = Awaited<ReturnType<typeof fakeAthena>>;

const SQL = 'SELECT thread_id, n FROM messages';
const ANSWER: Script = {
  columns: [
    ['thread_id', 'varchar'],
    ['n', 'double'],
  ],
  rows: [
    ['7', '60.0'],
    ['8', null],
  ],
  scanned: 12_345_678,
  ms: 1840,
};
const CHARGE =
  '12,345,678 bytes scanned in 1.8 s, about USD 0.000065 at USD 5 per TB, which differs by region; query query-0\n';

let athena: Athena | undefined;
afterEach(() => athena?.close());

async function start(...[scripts, outputs]: Parameters<typeof fakeAthena>): Promise<Athena> {
  athena = await fakeAthena(scripts, outputs);
  return athena;
}

/** Runs what `npm run query -- …` runs, with that Athena for AWS. */
function run({ url }: Athena, args: string[]) {
  const env = {
    ...{
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
    PATH: process.env['PATH'],
  };
  const child = execFile(process.execPath, ['cli/query.ts', ...args], { env });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (data: string) => (printed[stream] += data));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...printed });
    });
  });
  return { child, ended };
}

const query = (server: Athena, ...args: string[]) => run(server, args).ended;

describe('npm run query, over Athena', () => {
  it.each([
    [[], 'thread_id  n\n---------  --\n7          60\n8\n'],
    [
      ['--json'],
      `${JSON.stringify(
        [
          { thread_id: '7', n: 60 },
          { thread_id: '8', n: null },
        ],
        undefined,
        2,
      )}\n`,
    ],
  ])('prints the answer, and beside it what that cost: %j', async (format, stdout) => {
    const server = await start({ [SQL]: ANSWER });

    expect(await query(server, SQL, ...format)).toEqual({ code: 0, stdout, stderr: CHARGE });
  });

  it('asks a saved query as it asks it of a folder', async () => {
    const parameters = { portal: '62515', hours: '15', asof: '2026-02-02T09:00:00Z' };
    const unanswered = SAVED_QUERIES.find(({ name }) => name === 'unanswered')!;
    const server = await start({ [fillIn(unanswered, new Map(Object.entries(parameters)))]: ANSWER });
    const given = Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

    expect(await query(server, '--saved', 'unanswered', ...given)).toMatchObject({ code: 0 });
  });

  it('asks the copy where there is one', async () => {
    const server = await start({ [SQL]: ANSWER }, { ...OUTPUTS, CopyDatabaseName: 'threadvault_analytics' });

    const { code } = await query(server, '--copy', SQL);

    expect(code).toBe(0);
    expect(server.queries.map(({ input }) => input.QueryExecutionContext)).toEqual([
      { Database: 'threadvault_analytics' },
    ]);
  });

  it.each([
    [['--copy'], 'the stack ThreadvaultQuery has no analytics copy; the setting analytics turns it on\n'],
    [
      ['--stack', 'Other'],
      'AWS: ValidationError: Stack with id Other does not exist; --stack names another one, and AWS_REGION the region that is looked in\n',
    ],
  ])('says what is not deployed: %j', async (args, stderr) => {
    const server = await start({ [SQL]: ANSWER });

    expect(await query(server, ...args, SQL)).toEqual({ code: 1, stdout: '', stderr });
    expect(server.calls).toEqual([]);
  });

  it('prints nothing but why when Athena cannot answer', async () => {
    const server = await start({ [SQL]: { states: ['FAILED'], reason: 'TABLE_NOT_FOUND: line 1:15' } });

    expect(await query(server, '--json', SQL)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Athena cannot answer: TABLE_NOT_FOUND: line 1:15\n0 bytes scanned in 0.0 s, which costs nothing; query query-0\n',
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops the query on %s', async (signal) => {
    const server = await start({ [SQL]: { states: ['RUNNING'] } });
    const { child, ended } = run(server, [SQL]);
    server.onCall = (operation) => {
      if (operation === 'GetQueryExecution') child.kill(signal);
    };

    expect(await ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'broken off; the query query-0 is stopped, and charged for what it has scanned\n',
    });
    expect(server.queries.map((asked) => asked.isStopped())).toEqual([true]);
  });
});
