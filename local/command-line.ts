import { parseArgs, type ParseArgsConfig } from 'node:util';
import * as z from 'zod';
import { ConfigError } from '../functions/errors.ts';

/** What is said after the name of an option whose value begins with a dash, and so may be an option that follows it. */
const DASHED_VALUE = ' needs a value; one that begins with a dash goes after =, as in --name=-1';

/** A command line that cannot be used. The message has a line for each problem, naming the option and what is allowed. */
export class UsageError extends ConfigError {}

/**
 * The options of a command, or `help` when `--help` is among them. Each key of the schema is an option with a value, or a
 * {@link flag} without one, and its description is what the error says is allowed.
 * @param command how it is called, for pointing at its help
 * @throws UsageError with a line for each problem, naming the option, the value and what is allowed
 */
export function readCommandLine<T extends z.ZodObject>(
  args: string[],
  schema: T,
  command: string,
): z.output<T> | 'help' {
  const { help, ...values } = readArgs(args, schema.shape, command);
  if (help === true) return 'help';
  return check(schema, values, UsageError, (name, value, allowed) =>
    value === undefined
      ? `--${name} is missing; it takes ${allowed}`
      : `--${name} is ${JSON.stringify(value)}, but takes ${allowed}`,
  );
}

/**
 * Secrets and the like from the environment. Each key of the schema is a variable.
 * @throws ConfigError with a line for each problem, naming the variable and what is allowed, never the value
 */
export function readEnvironment<T extends z.ZodObject>(env: NodeJS.ProcessEnv, schema: T): z.output<T> {
  return check(
    schema,
    env,
    ConfigError,
    (name, value, allowed) =>
      `the environment variable ${name} ${value === undefined ? 'is missing' : 'cannot be used'}; it takes ${allowed}`,
  );
}

/** A whole number within bounds, in digits, and the one taken when there is none. */
export function wholeNumber(min: number, max: number, byDefault: () => number) {
  return z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .prefault(() => String(byDefault()))
    .describe(`a whole number from ${min} to ${max}`);
}

/** A path, and the one taken when there is none. */
export function folderPath(byDefault: string) {
  return z.string().min(1).default(byDefault).describe('a path');
}

/** An option without a value: true when it is there. */
export function flag() {
  return z.boolean().default(false);
}

/** What a command ends with that has failed: 2 when its command line cannot be used, and otherwise 1. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** What went wrong with a command, for the person who typed it: one line where the cause is known, else the whole error. */
export function explainFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `port ${String(error.port)} is taken; choose another with --port, or --port 0 for any that is free`;
  }
  if (error instanceof Error && 'code' in error && error.code === 'EACCES' && 'port' in error) {
    return `port ${String(error.port)} may not be used by this user; choose one above 1023 with --port`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function readArgs(args: string[], shape: Readonly<Record<string, z.ZodType>>, command: string) {
  const typeOf = (schema: z.ZodType) => (schema.safeParse(true).success ? 'boolean' : 'string');
  const named = Object.entries(shape).map(([name, schema]) => [name, { type: typeOf(schema) }] as const);
  const options = { ...Object.fromEntries(named), help: { type: 'boolean' } as const };
  return parseArguments({ args, options }, command).values;
}

/**
 * The options and arguments of a command line, as `parseArgs` of Node gives them.
 * @param command how it is called, for pointing at its help
 * @throws UsageError with the first problem, in one line
 */
export function parseArguments<T extends ParseArgsConfig>(config: T, command: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    const [problem, ...more] = error instanceof Error ? error.message.split('\n') : ['unknown option'];
    // Node has three lines for a value that begins with a dash, and advice about positional arguments after a first sentence.
    const said = more.length > 0 ? problem?.replace(/ argument is ambiguous\.$/, DASHED_VALUE) : problem;
    throw new UsageError(`${said?.replace(/\. To specify .*$/s, '') ?? ''}; see ${command} -- --help`);
  }
}

function check<T extends z.ZodObject>(
  schema: T,
  values: Readonly<Record<string, unknown>>,
  Refusal: typeof ConfigError,
  describe: (name: string, value: unknown, allowed: string) => string,
): z.output<T> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map((issue) => issue.path[0]));
  const problems = Object.entries<z.ZodType>(schema.shape)
    .filter(([name]) => wrong.has(name))
    .map(([name, { description = '' }]) => describe(name, values[name], description));
  throw new Refusal(problems.join('\n'));
}
