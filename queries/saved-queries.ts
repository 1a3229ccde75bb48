import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isSafeId } from '../functions/archive/layout.ts';
import { ConfigError } from '../functions/errors.ts';

/*
 * The saved queries: one file of SQL each in this folder, in the words that Athena and DuckDB share. They divide only
 * floating-point numbers, take medians with window functions, and use date_diff for milliseconds alone: of timestamps with
 * milliseconds both engines give the same then.
 */

/** A parameter of saved queries, `:name` in their SQL. */
type Parameter = {
  /** What it takes, for people. */
  allowed: string;
  isAllowed: (value: string) => boolean;
  /** The SQL of a value that is allowed. */
  literal: (value: string) => string;
  /** The SQL that stands in Athena's saved query, to be changed there. */
  inAthena: string;
};

// Nothing that is allowed holds a quote, so that nothing given can leave its literal.
const quoted = (value: string) => `'${value}'`;
const day = (inAthena: string): Parameter => ({
  allowed: 'a UTC day, e.g. 2026-01-31',
  isAllowed: isDay,
  literal: quoted,
  inAthena: quoted(inAthena),
});

const PARAMETERS: ReadonlyMap<string, Parameter> = new Map([
  [
    'portal',
    {
      allowed: 'the id of a HubSpot account, e.g. 62515',
      isAllowed: (value: string) => /^[1-9]\d{0,15}$/.test(value),
      literal: quoted,
      inAthena: quoted('62515'),
    },
  ],
  [
    'thread',
    {
      allowed: 'the id of a thread, e.g. 6065362089',
      isAllowed: isSafeId,
      literal: quoted,
      inAthena: quoted('6065362089'),
    },
  ],
  [
    'contact',
    {
      allowed: 'the id of a contact, e.g. 60460709',
      isAllowed: isSafeId,
      literal: quoted,
      inAthena: quoted('60460709'),
    },
  ],
  ['from', day('2026-01-01')],
  ['to', day('2026-12-31')],
  [
    'hours',
    {
      allowed: 'a whole number from 0 to 99999',
      isAllowed: (value: string) => /^\d{1,5}$/.test(value),
      literal: (value: string) => String(Number(value)),
      inAthena: '24',
    },
  ],
  [
    'asof',
    {
      allowed: 'a UTC time, e.g. 2026-01-31T12:00:00Z',
      isAllowed: (value: string) =>
        /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.test(value) && isDay(value.slice(0, 10)),
      literal: (value: string) => `TIMESTAMP '${value.slice(0, 10)} ${value.slice(11, 19)}.000'`,
      // When the query starts, in the session's zone, which is UTC in Athena.
      inAthena: 'localtimestamp',
    },
  ],
]);

/** A saved query. */
export type SavedQuery = {
  /** The name of its file, without the ending. */
  name: string;
  /** What it answers: the file's first line. */
  description: string;
  /** With `:name` where a parameter stands. */
  sql: string;
  /** In the order in which they first stand in the SQL. */
  parameters: readonly string[];
};

/** Every saved query, by name. */
export const SAVED_QUERIES: readonly SavedQuery[] = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map(readQuery);

/**
 * A query with its parameters filled in.
 * @throws ConfigError with a line for each parameter that is missing, not allowed, or not one of the query's
 */
export function fillIn({ name, sql, parameters }: SavedQuery, values: ReadonlyMap<string, string>): string {
  const wrong = parameters.flatMap((parameter) => {
    const { allowed, isAllowed } = parameterOf(parameter);
    const value = values.get(parameter);
    if (value === undefined) return [`${parameter} is missing; it takes ${allowed}`];
    return isAllowed(value) ? [] : [`${parameter} is ${JSON.stringify(value)}, but takes ${allowed}`];
  });
  const foreign = [...values.keys()].filter((parameter) => !parameters.includes(parameter));
  const problems = [
    ...wrong,
    ...foreign.map((parameter) => `${parameter} is no parameter of it; it has ${parameters.join(', ')}`),
  ];
  if (problems.length > 0) {
    throw new ConfigError(
      `the query ${name} cannot be filled in:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  }
  return replaceParameters(sql, (parameter) => parameterOf(parameter).literal(values.get(parameter) ?? ''));
}

/** A query as Athena saves it: with examples that whoever runs it changes. */
export function sqlForAthena({ sql }: SavedQuery): string {
  return replaceParameters(sql, (parameter) => parameterOf(parameter).inAthena);
}

function readQuery(file: string): SavedQuery {
  const text = readFileSync(path.join(import.meta.dirname, file), 'utf8').trim();
  const [first = '', ...rest] = text.split('\n');
  const sql = rest.join('\n');
  const parameters = new Set<string>();
  replaceParameters(sql, (parameter) => {
    parameterOf(parameter);
    parameters.add(parameter);
    return '';
  });
  return {
    name: path.basename(file, '.sql'),
    description: first.replace(/^-- /, ''),
    sql,
    parameters: [...parameters],
  };
}

function replaceParameters(sql: string, by: (parameter: string) => string): string {
  return sql.replaceAll(/:([a-z]+)/g, (_, parameter: string) => by(parameter));
}

function parameterOf(name: string): Parameter {
  const parameter = PARAMETERS.get(name);
  if (parameter === undefined) throw new TypeError(`no such parameter of saved queries: ${name}`);
  return parameter;
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
