import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../functions/archive/tables.ts';
import { ConfigError } from '../../functions/errors.ts';
import { duckDbView } from '../../local/duckdb-views.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { ANSWERS, archiveThreeThreads, DAYS } from '../support/three-threads.ts';

let folder: string;
let duckDb: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-queries-'));
  await archiveThreeThreads(folder);
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const name of ['messages', 'threads', 'actors', 'inboxes', 'channels'] as const) {
    await duckDb.run(duckDbView(name, TABLES[name], folder));
  }
});
afterAll(async () => {
  duckDb.closeSync();
  await rm(folder, { recursive: true });
});

describe('the saved queries', () => {
  it('are these, each with what it answers', () => {
    expect(SAVED_QUERIES.map(({ name }) => name)).toEqual(Object.keys(ANSWERS).sort());
    expect(SAVED_QUERIES.filter(({ description }) => !/^[A-Z].{20,}[^.]$/.test(description))).toEqual([]);
  });

  it.each(Object.entries(ANSWERS))('answer rightly: %s', async (name, { parameters, rows }) => {
    expect(await answer(name, { ...DAYS, ...parameters })).toEqual(rows);
  });

  it('leave out what is of another day, or of another account', async () => {
    for (const { name } of SAVED_QUERIES.filter(({ parameters }) => parameters.includes('from'))) {
      const { parameters } = ANSWERS[name]!;
      const later = { from: '2026-02-03', to: '2026-02-04' };

      expect([name, await answer(name, { ...DAYS, ...parameters, ...later })]).toEqual([name, []]);
      expect([name, await answer(name, { ...DAYS, ...parameters, portal: '1' })]).toEqual([name, []]);
    }
  });
});

describe('the query for unanswered threads', () => {
  it('leaves out what has not waited for so long', async () => {
    const parameters = { portal: '62515', hours: '16', asof: '2026-02-02T09:00:00Z' };

    expect(await answer('unanswered', parameters)).toEqual([]);
  });
});

describe('fillIn', () => {
  const [unanswered] = SAVED_QUERIES.filter(({ name }) => name === 'unanswered');

  it('names every parameter that is missing, wrong or foreign', () => {
    const values = new Map([
      ['portal', "62515' OR '1' = '1"],
      ['asof', '2026-02-30T00:00:00Z'],
      ['colour', 'red'],
    ]);

    expect(() => fillIn(unanswered!, values)).toThrow(
      new ConfigError(
        [
          'the query unanswered cannot be filled in:',
          '  asof is "2026-02-30T00:00:00Z", but takes a UTC time, e.g. 2026-01-31T12:00:00Z',
          `  portal is "62515' OR '1' = '1", but takes the id of a HubSpot account, e.g. 62515`,
          '  hours is missing; it takes a whole number from 0 to 99999',
          '  colour is no parameter of it; it has asof, portal, hours',
        ].join('\n'),
      ),
    );
  });

  it.each([
    ['thread', "a'b"],
    ['contact', 'a b'],
    ['from', '2026-02-29'],
    ['to', '20260101'],
    ['hours', '-1'],
    ['hours', '1 OR 1'],
    ['asof', '2026-01-31T24:00:00Z'],
    ['asof', '2026-01-31 12:00:00'],
  ])('takes nothing that could leave its literal or means nothing: %s %s', (parameter, value) => {
    const query = { name: 'q', description: '', sql: `:${parameter}`, parameters: [parameter] };

    expect(() => fillIn(query, new Map([[parameter, value]]))).toThrow(`${parameter} is`);
  });
});

/** The rows of a saved query's answer. The parameters that it does not have are left away. */
async function answer(name: string, values: Record<string, string>): Promise<unknown[][]> {
  const query = SAVED_QUERIES.find((saved) => saved.name === name)!;
  const own = Object.entries(values).filter(([parameter]) => query.parameters.includes(parameter));
  const reader = await duckDb.runAndReadAll(fillIn(query, new Map(own)));
  return reader.getRowsJson();
}
