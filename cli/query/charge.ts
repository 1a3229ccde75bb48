import { type QueryExecution } from '@aws-sdk/client-athena';
import { numeral } from '../../local/numeral.ts';

/*
 * What Athena charges for: the bytes that a query scans, rounded up to megabytes, ten at least; not for queries that fail, nor
 * for statements on tables and their like, but for those that are cancelled. USD 5 per TB is the price in most regions, without
 * reserved capacity (https://aws.amazon.com/athena/pricing/, read November 2026). That page does not say whether its units are
 * powers of ten or of two. Here they are of ten, as those of a workgroup's limit are, which gives the larger amount. What S3
 * takes for its requests and Glue for its catalogue is not in it.
 */
const USD_PER_TERABYTE = 5;
const MEGABYTE = 1_000_000;
const MEGABYTES_AT_LEAST = 10;

/** What a query that has ended costs at {@link USD_PER_TERABYTE}, in USD. */
export function chargeOf({ StatementType: type, Statistics, Status }: QueryExecution): number {
  const bytes = Statistics?.DataScannedInBytes ?? 0;
  if (Status?.State === 'FAILED' || (type !== 'DML' && bytes === 0)) return 0;
  const megabytes = Math.max(Math.ceil(bytes / MEGABYTE), MEGABYTES_AT_LEAST);
  return (megabytes * USD_PER_TERABYTE) / 1_000_000;
}

/** What a query has scanned, in how much time, and what that costs: one line, for people. */
export function describeCharge(execution: QueryExecution): string {
  const { DataScannedInBytes: bytes = 0, TotalExecutionTimeInMillis: ms = 0 } = execution.Statistics ?? {};
  const usd = chargeOf(execution);
  const cost =
    usd === 0
      ? 'which costs nothing'
      : `about USD ${usd.toFixed(usd < 1 ? 6 : 2)} at USD ${USD_PER_TERABYTE} per TB, which differs by region`;
  return `${numeral(bytes)} bytes scanned in ${(ms / 1000).toFixed(1)} s, ${cost}; query ${execution.QueryExecutionId ?? ''}`;
}
