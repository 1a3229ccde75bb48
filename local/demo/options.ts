import { parseArgs } from 'node:util';
import * as z from 'zod';
import { ConfigError } from '../../functions/errors.ts';

/** What `npm start` can be told. */
export type DemoOptions = { threads: number; seconds: number; seed: number; port: number; folder: string };

export const USAGE = `Usage: npm start -- [options]

Shows Threadvault at work on this machine: a simulated HubSpot whose conversations grow, the webhook receiver,
and the archive in a folder. Then every message HubSpot holds is checked against the archive.

  --threads N    conversations that grow, 1 to 5000 (default 300)
  --seconds N    how long they grow, 1 to 600 (default 20)
  --seed N       repeats the conversations of an earlier run (default: a new one each time)
  --port N       port of the receiver on 127.0.0.1, 0 for any that is free (default 8787)
  --folder PATH  the archive (default ./archive); an archive that is there already is added to
  --help         this text
`;

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const ALLOWED = {
  threads: { schema: wholeNumber(1, 5_000).default(300), allowed: 'a whole number from 1 to 5000' },
  seconds: { schema: wholeNumber(1, 600).default(20), allowed: 'a whole number from 1 to 600' },
  seed: {
    schema: wholeNumber(0, 999_999_999).prefault(randomSeed),
    allowed: 'a whole number from 0 to 999999999',
  },
  port: { schema: wholeNumber(0, 65_535).default(8_787), allowed: 'a whole number from 0 to 65535' },
  folder: { schema: z.string().min(1).default('./archive'), allowed: 'a path' },
};

/**
 * The options on a command line, or `help` when that was asked for.
 * @throws ConfigError naming the option, the value and what is allowed
 */
export function parseDemoOptions(args: string[]): DemoOptions | 'help' {
  const values = readArgs(args);
  if (values.help === true) return 'help';
  return {
    threads: check('threads', values.threads),
    seconds: check('seconds', values.seconds),
    seed: check('seed', values.seed),
    port: check('port', values.port),
    folder: check('folder', values.folder),
  };
}

function readArgs(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = {
      threads: text,
      seconds: text,
      seed: text,
      port: text,
      folder: text,
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new ConfigError(
      `${error instanceof Error ? error.message : 'unknown option'}; see npm start -- --help`,
    );
  }
}

function check<Name extends keyof typeof ALLOWED>(name: Name, value: string | undefined): DemoOptions[Name];
function check(name: keyof typeof ALLOWED, value: string | undefined): unknown {
  const { schema, allowed } = ALLOWED[name];
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`--${name} is ${JSON.stringify(value)}, but takes ${allowed}`);
}

function randomSeed(): string {
  return String(Math.floor(Math.random() * 1_000_000));
}
