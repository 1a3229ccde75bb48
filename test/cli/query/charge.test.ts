import { describe, expect, it } from 'vitest';
import { chargeOf, describeCharge } from '../../../cli/query/charge.ts';

const execution = (
  bytes: number | undefined,
  StatementType: 'DML' | 'DDL' | 'UTILITY' = 'DML',
  State: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' = 'SUCCEEDED',
) => ({
  QueryExecutionId: 'query-0',
  StatementType,
  Status: { State },
  Statistics: { DataScannedInBytes: bytes, TotalExecutionTimeInMillis: 1840 },
});

describe('what a query in Athena costs', () => {
  it.each([
    [0, 0.00005],
    [10_000_000, 0.00005],
    [10_000_001, 0.000055],
    [1_000_000_000_000, 5],
    [3_000_000_000_000, 15],
  ])('is USD 5 per TB, by started megabytes, ten at least: %d bytes', (bytes, usd) => {
    expect(chargeOf(execution(bytes))).toBeCloseTo(usd, 12);
  });

  it('is nothing for what scans nothing by its nature, and for what fails', () => {
    expect(chargeOf(execution(0, 'DDL'))).toBe(0);
    expect(chargeOf(execution(undefined, 'UTILITY'))).toBe(0);
    expect(chargeOf(execution(20_000_000, 'DML', 'FAILED'))).toBe(0);
  });

  it('is what was scanned for one that was cancelled, and for EXPLAIN ANALYZE', () => {
    expect(chargeOf(execution(20_000_000, 'DML', 'CANCELLED'))).toBeCloseTo(0.0001, 12);
    expect(chargeOf(execution(20_000_000, 'UTILITY'))).toBeCloseTo(0.0001, 12);
  });

  it('is said in one line', () => {
    expect(describeCharge(execution(12_345_678))).toBe(
      '12,345,678 bytes scanned in 1.8 s, about USD 0.000065 at USD 5 per TB, which differs by region; query query-0',
    );
    expect(describeCharge(execution(2_000_000_000_000))).toContain('about USD 10.00 at');
    expect(describeCharge(execution(0, 'DDL'))).toBe(
      '0 bytes scanned in 1.8 s, which costs nothing; query query-0',
    );
  });
});
