import jsonata from 'jsonata';
import { type Definition } from '../../cdk/states.ts';

/** What AWS answers to a call of a task: `api` as its ARN ends, e.g. `aws-sdk:s3:getObject`. */
export type AwsCalls = (api: string, args: Record<string, unknown>) => Promise<unknown>;

/** How a task failed, by the name that the definition may know. */
export class TaskError extends Error {
  readonly error: string;

  constructor(error: string, message = error) {
    super(message);
    this.error = error;
  }
}

type Retrier = { ErrorEquals: string[]; MaxAttempts: number };
type Catcher = { ErrorEquals: string[]; Assign: Record<string, unknown>; Next: string };
type AnyState = {
  Type: string;
  Resource: string;
  Arguments: unknown;
  Assign?: Record<string, unknown>;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices: { Condition: string; Next: string }[];
  Default: string;
  Next: string;
};
type Run = { variables: Record<string, unknown>; call: AwsCalls };

/**
 * Runs a definition as Step Functions does, as far as ours go: tasks with arguments, variables, retries and catchers, choices,
 * and an end. Nothing is waited for. Gives the names of the states, in their order; a task that fails for good is thrown.
 */
export async function runStateMachine(
  definition: Definition,
  substitutions: Record<string, string>,
  call: AwsCalls,
): Promise<string[]> {
  const text = JSON.stringify(definition).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = substitutions[name];
    if (value === undefined) throw new TypeError(`nothing stands for \${${name}}`);
    return value;
  });
  const { StartAt, States } = JSON.parse(text) as { StartAt: string; States: Record<string, AnyState> };
  const run: Run = { variables: {}, call };
  const visited: string[] = [];
  for (let name: string | undefined = StartAt; name !== undefined;) {
    const state: AnyState | undefined = States[name];
    if (state === undefined) throw new TypeError(`there is no state ${name}`);
    visited.push(name);
    name = await runState(state, run);
  }
  return visited;
}

async function runState(state: AnyState, run: Run): Promise<string | undefined> {
  switch (state.Type) {
    case 'Succeed':
      return undefined;
    case 'Choice': {
      for (const { Condition, Next } of state.Choices)
        if ((await evaluate(Condition, run.variables, undefined)) === true) return Next;
      return state.Default;
    }
    case 'Pass':
      Object.assign(run.variables, state.Assign);
      return state.Next;
    case 'Task':
      return await runTask(state, run);
    default:
      throw new TypeError(`a type of state that is not ours: ${state.Type}`);
  }
}

async function runTask(state: AnyState, { variables, call }: Run): Promise<string> {
  const args = (await evaluate(state.Arguments, variables, undefined)) as Record<string, unknown>;
  const api = state.Resource.replace(/^arn:aws:states:::/, '');
  const tries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await call(api, args);
      Object.assign(variables, await evaluate(state.Assign ?? {}, variables, result));
      return state.Next;
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      const isMeant = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
        ErrorEquals.includes(error.error) || ErrorEquals.includes('States.ALL');
      const retrier = state.Retry?.find(isMeant);
      const tried = retrier === undefined ? Infinity : (tries.get(retrier) ?? 0);
      if (retrier !== undefined && tried < retrier.MaxAttempts) {
        tries.set(retrier, tried + 1);
        continue;
      }
      const catcher = state.Catch?.find(isMeant);
      if (catcher === undefined) throw error;
      Object.assign(variables, catcher.Assign);
      return catcher.Next;
    }
  }
}

/** A value whose texts in `{% … %}` are evaluated. What gives nothing is an error, as it is there. */
async function evaluate(
  value: unknown,
  variables: Record<string, unknown>,
  result: unknown,
): Promise<unknown> {
  if (typeof value === 'string') {
    const [, expression] = /^\{%(.*)%\}$/s.exec(value) ?? [];
    if (expression === undefined) return value;
    const found: unknown = await jsonata(expression).evaluate({}, { ...variables, states: { result } });
    if (found === undefined) throw new TypeError(`the expression gives nothing: ${expression}`);
    return found;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ([name, inner]) => [name, await evaluate(inner, variables, result)] as const),
    ),
  );
}
