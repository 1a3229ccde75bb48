import { ConfigError } from '../../functions/errors.ts';
import { parseArguments, UsageError } from '../../local/command-line.ts';
import { fillIn, SAVED_QUERIES } from '../../queries/saved-queries.ts';
import { type ArchivePlace, archivePlaceOf, archivePlaceShape } from '../archive-place.ts';
import { type Format } from './answer.ts';

/** One query, and what is asked: the stack for SQL, or a folder. `copy` is of a stack: its analytics copy. */
export type Question = { sql: string; place: ArchivePlace; copy: boolean; format: Format };

/** What is wanted: help, the list of saved queries, or the answer to one query. */
export type Request = 'help' | 'list' | Question;

/** The stack that is asked when none is named. */
const STACK = 'ThreadvaultQuery';
const OPTIONS = {
  stack: { type: 'string' },
  folder: { type: 'string' },
  copy: { type: 'boolean' },
  saved: { type: 'boolean' },
  param: { type: 'string', multiple: true },
  csv: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * The request of a command line.
 * @throws UsageError when it cannot be used, or when the parameters do not fit the saved query
 */
export function readRequest(args: string[], command: string): Request {
  const { values, positionals } = parseArguments({ args, options: OPTIONS, allowPositionals: true }, command);
  const { saved = false, copy = false, param: parameters = [], csv = false, json = false } = values;
  if (values.help === true) return 'help';
  const [text, ...more] = positionals;
  if (saved && text === undefined) return 'list';
  if (text === undefined || text.trim() === '' || more.length > 0)
    throw new UsageError(`one query is needed, in quotes; see ${command} -- --help`);
  if (csv && json) throw new UsageError('of --csv and --json only one can be given');
  if (!saved && parameters.length > 0) throw new UsageError('--param is for a saved query, with --saved');
  const place = readPlace(values);
  if (copy && 'folder' in place) throw new UsageError('--copy is for a stack: a folder has no copy');
  const format = csv ? 'csv' : json ? 'json' : 'table';
  return { sql: saved ? savedSql(text, parameters) : text, place, copy, format };
}

function readPlace(options: { stack?: string; folder?: string }): ArchivePlace {
  for (const name of ['stack', 'folder'] as const) {
    const schema = archivePlaceShape[name];
    if (!schema.safeParse(options[name]).success)
      throw new UsageError(
        `--${name} is ${JSON.stringify(options[name])}, but takes ${schema.description ?? ''}`,
      );
  }
  return archivePlaceOf(options, STACK);
}

function savedSql(name: string, parameters: readonly string[]): string {
  const query = SAVED_QUERIES.find((saved) => saved.name === name);
  if (query === undefined) {
    const names = SAVED_QUERIES.map((saved) => saved.name).join(', ');
    throw new UsageError(`there is no saved query ${JSON.stringify(name)}; there are ${names}`);
  }
  try {
    return fillIn(query, new Map(parameters.map(readParameter)));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function readParameter(parameter: string): [name: string, value: string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(parameter) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(`--param is ${JSON.stringify(parameter)}, but takes name=value`);
  return [name, value];
}
