import { tmpdir } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe } from 'vitest';
import { describeAnalyticsCopy } from '../contract/analytics-copy.ts';
import { duckDbCopyEngine } from '../support/duckdb-copy.ts';

describe('the analytics copy, on DuckDB', () => {
  describeAnalyticsCopy(tmpdir(), async (folder) => {
    const duckDb = await (await DuckDBInstance.create(':memory:')).connect();
    return {
      engine: await duckDbCopyEngine(duckDb, folder),
      close: () => {
        duckDb.closeSync();
        return Promise.resolve();
      },
    };
  });
});
