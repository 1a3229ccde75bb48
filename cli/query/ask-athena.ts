import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { ConfigError } from '../../functions/errors.ts';
import { type Clock } from '../../functions/hubspot/pacer.ts';
import { explainFailure } from '../explain-failure.ts';
import { type Answer } from './answer.ts';
import { readAthenaAnswer } from './athena-answer.ts';
import { type AthenaPlace } from './athena-place.ts';
import { describeCharge } from './charge.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const PAUSES_GROW_BY = 1.3;
// Athena itself breaks off a query that runs for 30 minutes, or up to 240 for an account that asked for it
// (https://docs.aws.amazon.com/athena/latest/ug/service-limits.html, read November 2026). Before that it may be queued.
const LONGEST_MS = 5 * 3_600_000;

/** How Athena is asked. The clock's sleep must end early when the signal is aborted, which has the query stopped. */
export type AthenaAccess = { client: AthenaClient; place: AthenaPlace; clock: Clock; signal: AbortSignal };

/**
 * What Athena answers, and what it says of the query. The limits of the workgroup hold. A query that is not waited for until
 * its end is stopped: it would go on to scan, and to cost.
 * @throws ConfigError with the query's id when there is no answer: Athena refuses, the signal is aborted, or five hours are
 * over; what AWS throws before the query has begun
 */
export async function askAthena(
  { client, place, clock, signal }: AthenaAccess,
  sql: string,
): Promise<{ answer: Answer; execution: QueryExecution }> {
  const goOn = () => {
    if (signal.aborted) throw new ConfigError('broken off');
  };
  goOn();
  const { QueryExecutionId: id = '' } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: place.database },
      WorkGroup: place.workGroup,
    }),
  );
  const execution = await waitForEnd(client, id, { clock, goOn }).catch(async (error: unknown) => {
    throw new ConfigError(`${explainFailure(error).text}; ${await stop(client, id)}`, { cause: error });
  });
  refuseUnlessSucceeded(execution);
  const answer = await readAthenaAnswer(client, id, goOn).catch((error: unknown) => {
    throw new ConfigError(`${explainFailure(error).text}\n${describeCharge(execution)}`, { cause: error });
  });
  return { answer, execution };
}

async function waitForEnd(
  client: AthenaClient,
  id: string,
  { clock, goOn }: { clock: Clock; goOn: () => void },
): Promise<QueryExecution> {
  const until = clock.now() + LONGEST_MS;
  for (let pauseMs = FIRST_PAUSE_MS; clock.now() < until;) {
    const { QueryExecution: execution = {} } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    );
    const state = execution.Status?.State;
    if (state !== 'QUEUED' && state !== 'RUNNING') return execution;
    await clock.sleep(pauseMs);
    goOn();
    pauseMs = Math.min(pauseMs * PAUSES_GROW_BY, LONGEST_PAUSE_MS);
  }
  throw new ConfigError(`Athena has not answered in ${LONGEST_MS / 3_600_000} hours`);
}

/** What became of the query, in words. */
async function stop(client: AthenaClient, id: string): Promise<string> {
  try {
    await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    return `the query ${id} is stopped, and charged for what it has scanned`;
  } catch (error) {
    return `the query ${id} could not be stopped and may go on (${explainFailure(error).text})`;
  }
}

function refuseUnlessSucceeded(execution: QueryExecution): void {
  const { State: state, StateChangeReason: reason, AthenaError: error } = execution.Status ?? {};
  if (state === 'SUCCEEDED') return;
  const why = reason ?? error?.ErrorMessage ?? `the query is ${state ?? 'of no state'}`;
  throw new ConfigError(`Athena cannot answer: ${why}\n${describeCharge(execution)}`);
}
