import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { askFolder } from '../../cli/query/ask-folder.ts';
import { fillIn, SAVED_QUERIES, sqlForAthena } from '../../queries/saved-queries.ts';
import { ANSWERS, DAYS } from '../support/three-threads.ts';
import { DEMO, THREE_THREADS } from './archives.ts';
import { comparable } from './comparable.ts';
import { trinoConnection } from './connection.ts';
import { createAsk } from './trino.ts';

const DAY_MS = 86_400_000;

const folder = path.join(trinoConnection().root, DEMO.name);
const askDemo = createAsk(DEMO.name);
const askThreeThreads = createAsk(THREE_THREADS.name);

const filled = (query: (typeof SAVED_QUERIES)[number], values: Record<string, string>): string => {
  const own = Object.entries(values).filter(([parameter]) => query.parameters.includes(parameter));
  return fillIn(query, new Map(own));
};

describe.each(SAVED_QUERIES.map((query) => [query.name, query] as const))('%s on Trino', (name, query) => {
  it('answers as was worked out by hand', async () => {
    const { parameters, rows } = ANSWERS[name]!;

    const answer = await askThreeThreads(filled(query, { ...DAYS, ...parameters }));

    expect(answer.rows.map(comparable)).toEqual(rows.map(comparable));
  });

  it('answers as DuckDB does, over an archive of many threads', async () => {
    const sql = filled(query, await parametersWithAnswers());

    const onTrino = await askDemo(sql);
    const onDuckDb = await askFolder(folder, sql);

    expect(onDuckDb.rows.length).toBeGreaterThan(0);
    expect(onTrino.columns.map((column) => column.name)).toEqual(onDuckDb.columns);
    expect(onTrino.rows.map(comparable)).toEqual(onDuckDb.rows.map(comparable));
  });

  it('runs in the words that the stack saves in Athena', async () => {
    await expect(askDemo(sqlForAthena(query))).resolves.toHaveProperty('rows');
  });
});

/** Of the demonstration's account: all of its days, its longest thread, and the contact who wrote most. */
async function parametersWithAnswers(): Promise<Record<string, string>> {
  const { rows } = await askFolder(
    folder,
    `SELECT min(m.dt), max(m.dt), mode(m.thread_id), mode(t.associated_contact_id) FILTER (m.direction = 'INCOMING')
     FROM messages m JOIN threads t USING (portal_id, thread_id) WHERE portal_id = '62515'`,
  );
  const [[from, to, thread, contact] = []] = rows;
  const found = { from, to, thread, contact };
  const texts = Object.entries(found).map(([parameter, value]) => [parameter, String(value)] as const);
  return {
    portal: '62515',
    hours: '1',
    // The demonstration's conversations are of a moment ago: a day later, those without an answer have waited.
    asof: `${new Date(Date.now() + DAY_MS).toISOString().slice(0, 19)}Z`,
    ...Object.fromEntries(texts),
  };
}
