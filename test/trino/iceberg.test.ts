import { beforeAll, describe, expect, it } from 'vitest';
import { ICEBERG_CATALOG } from './connection.ts';
import { createAsk } from './trino.ts';

const SCHEMA = 'iceberg_tables';
const ask = createAsk(SCHEMA);

beforeAll(async () => {
  await ask(`CREATE SCHEMA ${SCHEMA}`);
  await ask(
    `CREATE TABLE ${ICEBERG_CATALOG}.${SCHEMA}.copy (
       id varchar, at timestamp(6), bytes bigint, senders array(row(actor_id varchar, name varchar)), dt varchar
     ) WITH (format = 'PARQUET', partitioning = ARRAY['dt'])`,
  );
});

describe('an Iceberg table, by its name in the catalog of the archive', () => {
  it('keeps microseconds, integers beyond 2^53, rows in arrays, and nulls', async () => {
    await ask(
      `INSERT INTO copy VALUES
         ('a', TIMESTAMP '2026-01-31 23:59:59.123456', 9007199254740993, ARRAY[ROW('A-1', 'Zoë'), ROW('A-2', NULL)], '2026-01-31'),
         ('b', NULL, NULL, NULL, '2026-02-01')`,
    );

    const { columns, rows } = await ask('SELECT * FROM copy ORDER BY id');

    expect(columns.map(({ type }) => type)).toEqual([
      'varchar',
      'timestamp(6)',
      'bigint',
      'array(row(actor_id varchar, name varchar))',
      'varchar',
    ]);
    expect(rows).toEqual([
      [
        'a',
        '2026-01-31 23:59:59.123456',
        '9007199254740993',
        [
          ['A-1', 'Zoë'],
          ['A-2', null],
        ],
        '2026-01-31',
      ],
      ['b', null, null, null, '2026-02-01'],
    ]);
  });

  it('follows what it is a copy of by one MERGE that adds, changes and deletes', async () => {
    await ask(
      `MERGE INTO copy c
       USING (
         SELECT coalesce(n.id, o.id) AS id, n.id IS NULL AS gone, n.bytes, coalesce(n.dt, o.dt) AS dt
         FROM (VALUES ('a', 1, '2026-01-31'), ('c', 3, '2026-02-02')) AS n (id, bytes, dt)
         FULL OUTER JOIN copy o ON o.id = n.id
       ) s ON c.id = s.id
       WHEN MATCHED AND s.gone THEN DELETE
       WHEN MATCHED THEN UPDATE SET bytes = s.bytes
       WHEN NOT MATCHED THEN INSERT (id, bytes, dt) VALUES (s.id, s.bytes, s.dt)`,
    );

    expect((await ask('SELECT id, bytes, at, dt FROM copy ORDER BY id')).rows).toEqual([
      ['a', 1, '2026-01-31 23:59:59.123456', '2026-01-31'],
      ['c', 3, null, '2026-02-02'],
    ]);
  });

  it('keeps its rows and loses its history when it is compacted and expired', async () => {
    await ask('ALTER TABLE copy EXECUTE optimize');
    await ask("ALTER TABLE copy EXECUTE expire_snapshots(retention_threshold => '0s')");
    await ask("ALTER TABLE copy EXECUTE remove_orphan_files(retention_threshold => '0s')");

    expect((await ask('SELECT count(*) FROM "copy$snapshots"')).rows).toEqual([[1]]);
    expect((await ask('SELECT count(*) FROM "copy$files" WHERE content <> 0')).rows).toEqual([[0]]);
    expect((await ask('SELECT id FROM copy ORDER BY id')).rows).toEqual([['a'], ['c']]);
  });
});

describe('the client', () => {
  it('fails with what Trino says', async () => {
    await expect(ask('SELECT colour FROM copy')).rejects.toThrow(
      /^COLUMN_NOT_FOUND: .*Column 'colour' cannot be resolved/,
    );
  });
});
