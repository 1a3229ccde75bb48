import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsOf } from '../../bench/query-reads.ts';
import { TABLES } from '../../functions/archive/tables.ts';
import { emptyDuckDbView } from '../../local/duckdb-views.ts';
import { SAVED_QUERIES, sqlForAthena } from '../../queries/saved-queries.ts';

let duckDb: DuckDBConnection;
beforeAll(async () => {
  duckDb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [name, table] of Object.entries(TABLES))
    await duckDb.run(emptyDuckDbView(`whole_${name}`, table));
});
afterAll(() => {
  duckDb.closeSync();
});

/** Whether DuckDB can make out a query over tables that have these columns and no others. */
async function isUnderstood(sql: string, columns: ReadonlyMap<string, readonly string[]>): Promise<boolean> {
  for (const [table, names] of columns) {
    await duckDb.run(`CREATE OR REPLACE VIEW ${table} AS SELECT ${names.join(', ')} FROM whole_${table}`);
  }
  return duckDb.run(`EXPLAIN ${sql}`).then(
    () => true,
    () => false,
  );
}

describe('what a saved query reads', () => {
  it.each(SAVED_QUERIES.map((query) => [query.name, query] as const))(
    'is all that it needs and nothing more: %s',
    async (_, query) => {
      const byTable = Map.groupBy(readsOf(query.sql), ({ table }) => table);
      const columns = new Map(
        Array.from(byTable, ([table, reads]) => [table, [...new Set(reads.flatMap((read) => read.columns))]]),
      );

      expect(await isUnderstood(sqlForAthena(query), columns)).toBe(true);
      for (const [table, names] of columns) {
        for (const name of names) {
          const others = names.filter((other) => other !== name);
          const without = new Map(columns).set(table, others.length > 0 ? others : ['NULL AS nothing']);
          expect([name, await isUnderstood(sqlForAthena(query), without)]).toEqual([name, false]);
        }
      }
      for (const table of columns.keys()) await duckDb.run(`DROP VIEW ${table}`);
    },
  );

  it('is one table twice where it is named twice', () => {
    const [firstResponse] = SAVED_QUERIES.filter(({ name }) => name === 'first-response');

    expect(readsOf(firstResponse!.sql).map(({ table }) => table)).toEqual([
      'messages',
      'threads',
      'messages',
      'actors',
      'inboxes',
    ]);
  });

  it('is bounded by days only where the messages are', () => {
    const bounded = 'SELECT m.text FROM messages m WHERE m.dt BETWEEN :from AND :to';
    const free = "SELECT m.text FROM messages m WHERE m.dt > '2026-01-01'";

    expect(readsOf(bounded)).toEqual([{ table: 'messages', columns: ['dt', 'text'], isBounded: true }]);
    expect(readsOf(free)).toEqual([{ table: 'messages', columns: ['dt', 'text'], isBounded: false }]);
  });
});
