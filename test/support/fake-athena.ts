import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type GetQueryResultsInput,
  type QueryExecution,
  type StartQueryExecutionInput,
} from '@aws-sdk/client-athena';

type State = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What the fake makes of one text of SQL. */
export type Script = {
  /** What it says of the query, one for each time it is asked, then the last one again (default QUEUED, RUNNING, SUCCEEDED). */
  states?: readonly State[];
  statement?: 'DML' | 'DDL' | 'UTILITY';
  columns?: readonly (readonly [name: string, type: string])[];
  /** The values as Athena's texts; a null has none. */
  rows?: readonly (readonly (string | null)[])[];
  reason?: string;
  errorMessage?: string;
  scanned?: number;
  ms?: number;
};

/** The outputs of the stack that the fake has, ThreadvaultQuery. */
export const OUTPUTS: Readonly<Record<string, string>> = {
  DatabaseName: 'threadvault',
  WorkGroupName: 'analysts',
};

const ROWS_PER_PAGE = 1000;

class Refusal extends Error {}

/**
 * An Athena on 127.0.0.1 that speaks its protocol, AWS JSON 1.1, and CloudFormation for one stack. It knows the queries that it
 * is told, by their SQL, and refuses what Athena refuses: other workgroups and databases, and the results of a query that
 * goes on. `lost` names calls that are carried out and then answered with 500, once each.
 * Shapes as in https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html, read November 2026.
 */
export async function fakeAthena(scripts: Readonly<Record<string, Script>>, outputs = OUTPUTS) {
  const state = {
    calls: [] as string[],
    queries: [] as Query[],
    lost: [] as string[],
    onCall: undefined as ((operation: string) => void) | undefined,
  };

  function carryOut(operation: string, input: string): object {
    state.calls.push(operation);
    state.onCall?.(operation);
    const body = JSON.parse(input) as StartQueryExecutionInput & GetQueryResultsInput;
    if (operation === 'StartQueryExecution') return start(body);
    const query = state.queries.find(({ id }) => id === body.QueryExecutionId);
    if (query === undefined)
      throw new Refusal(`QueryExecution ${String(body.QueryExecutionId)} was not found`);
    if (operation === 'GetQueryExecution') return query.look();
    if (operation === 'GetQueryResults') return query.page(body);
    if (operation !== 'StopQueryExecution') throw new Error(`the fake has no ${operation}`);
    query.stop();
    return {};
  }

  function start(input: StartQueryExecutionInput): object {
    const { QueryString = '', QueryExecutionContext: { Database } = {}, WorkGroup } = input;
    if (WorkGroup !== outputs['WorkGroupName']) throw new Refusal('WorkGroup is not found.');
    if (Database !== outputs['DatabaseName'] && Database !== outputs['CopyDatabaseName'])
      throw new Refusal(`Database ${String(Database)} is not found`);
    const script = scripts[QueryString];
    if (script === undefined) throw new Refusal(`line 1:1: mismatched input '${QueryString}'`);
    // The token makes a repeated call the same one.
    const known = state.queries.find((query) => query.input.ClientRequestToken === input.ClientRequestToken);
    if (known === undefined) state.queries.push(createQuery(`query-${state.queries.length}`, input, script));
    return { QueryExecutionId: known?.id ?? state.queries.at(-1)?.id };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const target = request.headers['x-amz-target'];
    if (typeof target !== 'string') {
      const { status, xml } = describeStacks(new URLSearchParams(body), outputs);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      return;
    }
    const operation = target.replace('AmazonAthena.', '');
    const json = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(content));
    try {
      const content = carryOut(operation, body);
      const at = state.lost.indexOf(operation);
      if (at === -1) json(200, content);
      else
        json(500, { __type: 'InternalServerException', Message: `lost ${state.lost.splice(at, 1).join()}` });
    } catch (error) {
      const isRefusal = error instanceof Refusal;
      json(isRefusal ? 400 : 501, {
        __type: isRefusal ? 'InvalidRequestException' : 'NotImplemented',
        Message: String(error instanceof Error ? error.message : error),
      });
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
}

type Query = ReturnType<typeof createQuery>;

function createQuery(id: string, input: StartQueryExecutionInput, script: Script) {
  const { states = ['QUEUED', 'RUNNING', 'SUCCEEDED'], statement = 'DML', columns = [], rows = [] } = script;
  let looks = 0;
  let now: State = 'QUEUED';
  const isOver = () => now !== 'QUEUED' && now !== 'RUNNING';
  return {
    id,
    input,
    isStopped: () => now === 'CANCELLED',
    stop: () => {
      if (!isOver()) now = 'CANCELLED';
    },
    look: (): { QueryExecution: QueryExecution } => {
      if (!isOver()) now = states[Math.min(looks++, states.length - 1)] ?? 'QUEUED';
      const { reason, errorMessage, scanned, ms } = script;
      const AthenaError =
        errorMessage === undefined ? undefined : { ErrorCategory: 2, ErrorMessage: errorMessage };
      return {
        QueryExecution: {
          QueryExecutionId: id,
          StatementType: statement,
          Status: { State: now, StateChangeReason: reason, AthenaError },
          Statistics: { DataScannedInBytes: scanned, TotalExecutionTimeInMillis: ms },
        },
      };
    },
    page: ({ NextToken, MaxResults = ROWS_PER_PAGE }: GetQueryResultsInput): object => {
      if (now !== 'SUCCEEDED') throw new Refusal(`Query has not yet finished. Current state: ${now}`);
      if (MaxResults > ROWS_PER_PAGE)
        throw new Refusal('MaxResults is more than maximum allowed length 1000.');
      const all = statement === 'DML' ? [columns.map(([name]) => name), ...rows] : rows;
      const from = Number(NextToken ?? 0);
      const to = from + MaxResults;
      return {
        ResultSet: {
          ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Label: Name, Type })) },
          Rows: all.slice(from, to).map((row) => ({
            Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
          })),
        },
        NextToken: to < all.length ? String(to) : undefined,
      };
    },
  };
}

function describeStacks(parameters: URLSearchParams, outputs: Readonly<Record<string, string>>) {
  const name = parameters.get('StackName');
  if (name !== 'ThreadvaultQuery') {
    const error = `<Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${String(name)} does not exist</Message>`;
    return { status: 400, xml: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
  }
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<member><StackName>${name}</StackName><Outputs>${members.join('')}</Outputs></member>`;
  const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
  return { status: 200, xml: `<DescribeStacksResponse>${result}</DescribeStacksResponse>` };
}
