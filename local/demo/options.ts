import * as z from 'zod';
import { folderPath, readCommandLine, wholeNumber } from '../command-line.ts';

/** What `npm start` can be told. */
export type DemoOptions = z.infer<typeof demoSchema>;

export const USAGE = `Usage: npm start -- [options]

Shows Threadvault at work on this machine: a simulated HubSpot whose conversations grow, the webhook receiver,
and the archive in a folder. Messages are edited and removed, threads go into the trash and out of it, some are
deleted for privacy. In the end the sweep looks for what had no event. Then everything that HubSpot holds is looked up
in the archive: messages, originals of those that are listed cut, attached files, where threads are; and that nothing
is left of what was deleted for privacy.

  --threads N    conversations that grow, 1 to 5000 (default 300)
  --seconds N    how long they grow, 1 to 600 (default 15)
  --seed N       repeats the conversations of an earlier run (default: a new one each time)
  --port N       port of the receiver on 127.0.0.1, 0 for any that is free (default 8787)
  --folder PATH  the archive (default ./archive); each run adds an account of its own to it
  --help         this text
`;

const demoSchema = z.object({
  threads: wholeNumber(1, 5_000, () => 300),
  seconds: wholeNumber(1, 600, () => 15),
  seed: wholeNumber(0, 999_999_999, () => Math.floor(Math.random() * 1_000_000)),
  port: wholeNumber(0, 65_535, () => 8_787),
  folder: folderPath('./archive'),
});

/**
 * The options on a command line, or `help` when that was asked for.
 * @throws ConfigError naming the option, the value and what is allowed
 */
export function parseDemoOptions(args: string[]): DemoOptions | 'help' {
  return readCommandLine(args, demoSchema, 'npm start');
}
