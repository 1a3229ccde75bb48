import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { copyDefinition, PROGRESS_KEY } from '../../cdk/copy-state-machine.ts';
import { VIEWS } from '../../queries/views.ts';
import { type AwsCalls, runStateMachine, TaskError } from './state-machine.ts';

/** What stands for Athena: it runs statements as the stack has them, `s3://archive/` being the folder. */
export type CopyEngine = {
  /** Rows of texts with their columns' names before them, as Athena's results begin. Throws what it throws. */
  run: (statement: string) => Promise<string[][]>;
  /** The tables of the copy that are there, by name, each with the names of its columns. */
  tables: () => Promise<Map<string, string[]>>;
};

/** A run of the copy's state machine over an archive in a folder, with an engine in Athena's place. */
export function copiedArchive(folder: string, engine: CopyEngine) {
  const state = {
    /** What the object in the copy's bucket says; undefined when there is none. */
    progress: undefined as string | undefined,
    statements: [] as string[],
    /** Every call of AWS, by the end of its ARN. */
    calls: [] as string[],
    /** Calls that fail, each once. */
    failing: [] as { api: string; matching: RegExp }[],
    /** Lets a page of an answer have fewer rows than is asked for. */
    maxRows: Infinity,
    /** Digests that are listed at a time. */
    maxDigests: Infinity,
  };
  const answers = new Map<string, string[][]>();
  const apis: Record<string, (args: Record<string, unknown>) => unknown> = {
    // With the views: whether Glue gives them for an expression that a part of their names matches is not documented.
    'aws-sdk:glue:getTables': async () => ({
      TableList: [...(await engine.tables()), ...VIEWS.map((view) => [view.name, []] as const)].map(
        ([Name, columns]) => ({
          Name,
          StorageDescriptor: { Columns: columns.map((column) => ({ Name: column })) },
        }),
      ),
    }),
    'aws-sdk:s3:getObject': () => {
      if (state.progress === undefined) throw new TaskError('S3.NoSuchKeyException');
      return { Body: state.progress };
    },
    'aws-sdk:s3:putObject': ({ Key, Body }) => {
      if (Key !== PROGRESS_KEY) throw new TypeError(`not a key of the copy: ${String(Key)}`);
      state.progress = String(Body);
      return {};
    },
    'aws-sdk:s3:listObjectsV2': async ({ Prefix, StartAfter, MaxKeys }) => {
      const keys = (await readdir(path.join(folder, 'digests'))).map((name) => `digests/${name}`).sort();
      const found = keys.filter((key) => key.startsWith(String(Prefix)) && key > String(StartAfter));
      const given = found.slice(0, Math.min(Number(MaxKeys), state.maxDigests));
      const more = { IsTruncated: given.length < found.length };
      return given.length === 0 ? more : { Contents: given.map((Key) => ({ Key })), ...more };
    },
    'athena:startQueryExecution.sync': async ({ QueryString }) => {
      const statement = String(QueryString);
      state.statements.push(statement);
      const QueryExecutionId = String(answers.size);
      answers.set(QueryExecutionId, await engine.run(statement));
      return { QueryExecution: { QueryExecutionId } };
    },
    'athena:getQueryResults': ({ QueryExecutionId, MaxResults, NextToken = '0' }) => {
      const rows = answers.get(String(QueryExecutionId))!;
      const from = Number(NextToken);
      const to = from + Math.min(Number(MaxResults), state.maxRows);
      const Rows = rows
        .slice(from, to)
        .map((row) => ({ Data: row.map((VarCharValue) => ({ VarCharValue })) }));
      return { ResultSet: { Rows }, ...(to < rows.length && { NextToken: String(to) }) };
    },
  };
  const call: AwsCalls = async (api, args) => {
    state.calls.push(api);
    const failing = state.failing.findIndex(
      (failure) => failure.api === api && failure.matching.test(JSON.stringify(args)),
    );
    if (failing !== -1) {
      state.failing.splice(failing, 1);
      throw new TaskError('States.TaskFailed', `made to fail: ${api}`);
    }
    return await apis[api]!(args);
  };
  const places = { Archive: 'archive', Copy: 'copy', WorkGroup: 'threadvault-copy', Partition: 'aws' };
  return { state, run: () => runStateMachine(copyDefinition(60), places, call) };
}
