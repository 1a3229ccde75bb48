import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRequest } from '../../cli/query/options.ts';
import { TABLES } from '../../functions/archive/tables.ts';
import { emptyDuckDbView } from '../../local/duckdb-views.ts';
import { SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { codeBlocks, readDocument, section } from './markdown.ts';

const SAMPLES = section(readDocument('docs/queries.md'), '## Sample answers');

let duckDb: DuckDBConnection;
beforeAll(async () => {
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [name, table] of Object.entries(TABLES)) await duckDb.run(emptyDuckDbView(name, table));
});
afterAll(() => {
  duckDb.closeSync();
});

/** The columns of the answer to a command line of a document. */
async function columnsOf(command: string): Promise<string[]> {
  const [npm, run, query, separator, ...args] = command.split(' ');
  expect([npm, run, query, separator]).toEqual(['npm', 'run', 'query', '--']);
  const request = readRequest(args, 'npm run query');
  if (typeof request === 'string') throw new TypeError(`no query: ${command}`);
  return (await duckDb.runAndReadAll(request.sql)).columnNames();
}

/** The columns of a table for people. */
function headOf(table: string): string[] {
  return table.split('\n')[0]!.split(/ {2,}/);
}

describe('the sample answers', () => {
  it.each(SAVED_QUERIES.map(({ name }) => name))('have the columns of the query: %s', async (name) => {
    const sample = section(SAMPLES, `### ${name}`);
    const [command] = codeBlocks(sample, 'sh');
    const [table] = codeBlocks(sample, 'text');

    expect(command).toContain(` --saved ${name} `);
    expect(headOf(table!)).toEqual(await columnsOf(command!));
    expect(table!.split('\n').length).toBeGreaterThan(3);
  });

  it('have the columns of the query in the README too', async () => {
    const readme = section(readDocument('README.md'), '## Query it');
    const [commands = ''] = codeBlocks(readme, 'sh');
    const [table] = codeBlocks(readme, 'text');
    const command = commands.split('\n').find((line) => / --saved \w/.test(line));

    expect(headOf(table!)).toEqual(await columnsOf(command!));
  });
});
