/**
 * States of the Amazon States Language with JSONata, as far as the analytics copy needs them
 * (https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html, read November 2026). Pure.
 */

/** Only what can happen: other fields of the language are not used. */
export type State = { Type: 'Task' | 'Choice' | 'Pass' | 'Succeed' } & Readonly<Record<string, unknown>>;
/** A state machine. */
export type Definition = {
  QueryLanguage: 'JSONata';
  StartAt: string;
  /** Seconds, for all of a run. */
  TimeoutSeconds: number;
  States: Readonly<Record<string, State>>;
};

/** Throttling, a commit that lost against another, a file that was replaced while it was read: each is over in a while. */
export const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 4, BackoffRate: 2 }];
/** OPTIMIZE and VACUUM of much work stop half way with an error that asks for another run, ICEBERG_…_MORE_RUNS_NEEDED. */
export const RETRY_UNTIL_DONE = [
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 30, BackoffRate: 1 },
];

type Call = { arguments: unknown; assign: Record<string, string>; next: string };

/** A call of AWS, by the end of its ARN, and what is kept of its answer. Tried again like all. */
export function call(api: string, { arguments: given, assign, next }: Call): State {
  return {
    Type: 'Task',
    Resource: `arn:\${Partition}:states:::${api}`,
    Arguments: given,
    Assign: assign,
    Retry: RETRY,
    Next: next,
  };
}

/** A statement of Athena, and what to wait for: its end. `given` are variables whose values stand in it as `:name`. */
export function sql(
  statement: string,
  { given = [], assign = {}, next }: { given?: string[]; assign?: Record<string, string>; next: string },
): State {
  const filled = given.reduce(
    (text, name) => `$replace(${text}, ":${name}", $${name})`,
    JSON.stringify(statement),
  );
  return call('athena:startQueryExecution.sync', {
    arguments: { QueryString: `{% ${filled} %}`, WorkGroup: '${WorkGroup}' },
    assign,
    next,
  });
}

/** What is kept of a query whose answer is to be read. */
export const QUERY = { query: '{% $states.result.QueryExecution.QueryExecutionId %}', token: '' };

/** The next rows of the query's answer, `atATime` and on the first page its head too. */
export function page(atATime: number, { assign, next }: Omit<Call, 'arguments'>): State {
  const wanted = `{"QueryExecutionId": $query, "MaxResults": ${atATime}}`;
  return call('athena:getQueryResults', {
    arguments: `{% $token = "" ? ${wanted} : $merge([${wanted}, {"NextToken": $token}]) %}`,
    assign: {
      ...assign,
      token: '{% $exists($states.result.NextToken) ? $states.result.NextToken : "" %}',
    },
    next,
  });
}

/** Whether the answer goes on after the page. */
export const MORE_ROWS = '{% $token != "" %}';

/** The rows of a page without the head, which the first page begins with. */
export function rows(firstColumn: string): string {
  return `$states.result.ResultSet.Rows[Data[0].VarCharValue != '${firstColumn}']`;
}

/** The values of a column as a list of SQL literals. What the queries find are ids and days, so no value has a quote. */
export function literals(found: string, column: number): string {
  return `{% "'" & $join($distinct(${found}.Data[${column}].VarCharValue), "','") & "'" %}`;
}

/** Goes one way when a condition holds, and the other otherwise. */
export function choice(condition: string, then: string, otherwise: string): State {
  return { Type: 'Choice', Choices: [{ Condition: condition, Next: then }], Default: otherwise };
}
