import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { MESSAGES_PREFIX } from '../../functions/archive/layout.ts';

/** A question to the archive, as one would ask it in DuckDB. `%s` stands for the files, `%d` for the account. */
const MESSAGES_BY_CHANNEL = `
SELECT CASE channel_id WHEN '1000' THEN 'live chat' WHEN '1001' THEN 'Facebook Messenger'
                       WHEN '1002' THEN 'e-mail'    WHEN '1003' THEN 'form'
                       ELSE 'notes and system entries' END AS channel,
       count(*) AS messages, count(DISTINCT thread_id) AS threads, min(dt) AS first_day, max(dt) AS last_day
FROM %s
WHERE portal_id = '%d'
GROUP BY 1 ORDER BY messages DESC`;

/** The question and its answer over an account's messages in a folder; one text per cell, the column names first. */
export async function askDuckDb(
  folder: string,
  account: number,
): Promise<{ sql: string; table: string[][] }> {
  const files = path.join(folder, MESSAGES_PREFIX, '**', '*.json.gz').replaceAll("'", "''");
  // DuckDB would guess the partitions' types otherwise, and an id is not a number.
  const source = `read_json('${files}', hive_types = {portal_id: VARCHAR, dt: VARCHAR})`;
  const sql = MESSAGES_BY_CHANNEL.replace('%s', () => source)
    .replace('%d', String(account))
    .trim();
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    return { sql, table: [reader.columnNames(), ...reader.getRowsJson().map((row) => row.map(String))] };
  } finally {
    instance.closeSync();
  }
}
