import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { parseJson } from '../../functions/json.ts';
import { HIVE_CATALOG, trinoConnection } from './connection.ts';

/** What Trino has answered to a statement. */
export type Answer = {
  columns: { name: string; type: string }[];
  /**
   * Values by column: text, numbers, booleans, null; arrays, also for a row; timestamps as `YYYY-MM-DD hh:mm:ss.SSS` with as
   * many digits as the type says. An integer beyond 2^53 is the text of its digits.
   */
  rows: unknown[][];
  /** Bytes of files that were read. */
  physicalInputBytes: number;
};

/** What runs statements in one schema. */
export type Ask = (sql: string) => Promise<Answer>;

const answerSchema = z.looseObject({
  nextUri: z.string().optional(),
  columns: z.array(z.looseObject({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  error: z.looseObject({ errorName: z.string(), message: z.string().default('') }).optional(),
  stats: z.looseObject({ physicalInputBytes: z.number() }),
});

const BUSY = new Set([502, 503, 504]);
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 100;

/**
 * A client of Trino's `/v1/statement` (https://trino.io/docs/current/develop/client-protocol.html, read November 2026): a
 * statement is posted once, and its answer is fetched page by page.
 *
 * Names without a catalog or schema are those of the given schema in {@link HIVE_CATALOG}. Times are in UTC, as in Athena.
 * @throws Error of what it gives: Trino's name and message of the error, or its status when it is no answer
 */
export function createAsk(schema: string, { url }: { url: string } = trinoConnection()): Ask {
  const headers = {
    'X-Trino-User': 'threadvault',
    'X-Trino-Catalog': HIVE_CATALOG,
    'X-Trino-Schema': schema,
    'X-Trino-Time-Zone': 'UTC',
    // Otherwise every timestamp is shown rounded to milliseconds, whatever its type.
    'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
  };
  return async (sql) => {
    let page = await fetchPage(`${url}/v1/statement`, { method: 'POST', body: sql, headers });
    const rows: unknown[][] = [];
    let columns: Answer['columns'] = [];
    for (;;) {
      if (page.error !== undefined) throw new Error(`${page.error.errorName}: ${page.error.message}`);
      columns = page.columns?.map(({ name, type }) => ({ name, type })) ?? columns;
      rows.push(...(page.data ?? []));
      if (page.nextUri === undefined) break;
      page = await fetchPage(page.nextUri, { headers });
    }
    return { columns, rows, physicalInputBytes: page.stats.physicalInputBytes };
  };
}

async function fetchPage(url: string, init: RequestInit): Promise<z.infer<typeof answerSchema>> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, init);
    const text = await response.text();
    if (response.ok) return answerSchema.parse(parseJson(text));
    // The protocol asks to try these again.
    if (!BUSY.has(response.status) || tries === BUSY_TRIES) {
      throw new Error(`Trino answers ${response.status}: ${text.slice(0, 500)}`);
    }
    await sleep(BUSY_PAUSE_MS);
  }
}
