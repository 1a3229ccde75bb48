import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../local/command-line.ts';

/** Where somebody is asked. */
export type Terminal = {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
};

/**
 * Asks twice: whether to go on, and then for something that nobody types by mistake, the number of threads. The second is
 * asked only of who has said yes to the first.
 * @throws UsageError when nobody can be asked, because the input is no terminal
 */
export async function confirm(threads: number, { input, output }: Terminal): Promise<boolean> {
  if (input.isTTY !== true)
    throw new UsageError('nobody can be asked here: erase takes a terminal, or --yes from a script');
  const asking = createInterface({ input, output });
  const lines = asking[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const line = await lines.next();
    // At the end of the input nothing answers.
    return line.done === true ? '' : line.value.trim();
  };
  try {
    if ((await ask('Erase all of this, with all its versions? Type yes to go on: ')) !== 'yes') return false;
    const typed = await ask(`This cannot be undone. Type the number of threads, ${threads}, to erase them: `);
    return typed === String(threads);
  } finally {
    asking.close();
  }
}
