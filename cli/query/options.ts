import { parseArgs } from 'node:util';
import { UsageError } from '../../local/command-line.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { type Format } from './answer.ts';

/** What is wanted: help, the list of saved queries, or the answer to one query. */
export type Request = 'help' | 'list' | { sql: string; folder: string; format: Format };

const OPTIONS = {
  folder: { type: 'string' },
  saved: { type: 'boolean' },
  param: { type: 'string', multiple: true },
  csv: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * The request of a command line.
 * @throws UsageError when it cannot be used; ConfigError when the parameters do not fit the saved query
 */
export function readRequest(args: string[], command: string): Request {
  const { values, positionals } = parse(args, command);
  const { folder = './archive', saved = false, param: parameters = [], csv = false, json = false } = values;
  if (values.help === true) return 'help';
  const [text, ...more] = positionals;
  if (saved && text === undefined) return 'list';
  if (text === undefined || more.length > 0)
    throw new UsageError(`one query is needed, in quotes; see ${command} -- --help`);
  if (csv && json) throw new UsageError('of --csv and --json only one can be given');
  if (!saved && parameters.length > 0) throw new UsageError('--param is for a saved query, with --saved');
  const format = csv ? 'csv' : json ? 'json' : 'table';
  return { sql: saved ? savedSql(text, parameters) : text, folder, format };
}

function parse(args: string[], command: string) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : 'unknown option'}; see ${command} -- --help`,
    );
  }
}

function savedSql(name: string, parameters: readonly string[]): string {
  const query = SAVED_QUERIES.find((saved) => saved.name === name);
  if (query === undefined) {
    const names = SAVED_QUERIES.map((saved) => saved.name).join(', ');
    throw new UsageError(`there is no saved query ${JSON.stringify(name)}; there are ${names}`);
  }
  return fillIn(query, new Map(parameters.map(readParameter)));
}

function readParameter(parameter: string): [name: string, value: string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(parameter) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(`--param is ${JSON.stringify(parameter)}, but takes name=value`);
  return [name, value];
}
