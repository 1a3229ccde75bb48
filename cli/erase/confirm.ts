import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../local/command-line.ts';

/** Where somebody is asked. */
export type Terminal = {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
};

/**
 * Asks for a word that nobody types by mistake: the number of threads.
 * @throws UsageError when nobody can be asked, because the input is no terminal
 */
export async function confirm(threads: number, { input, output }: Terminal): Promise<boolean> {
  if (input.isTTY !== true)
    throw new UsageError('nobody can be asked here: erase takes a terminal, or --yes from a script');
  const asking = createInterface({ input, output });
  try {
    const question = `This cannot be undone. Type the number of threads, ${threads}, to erase them: `;
    // At the end of the input nothing answers.
    const ended = new Promise<string>((resolve) => {
      asking.once('close', () => {
        resolve('');
      });
    });
    return (await Promise.race([asking.question(question), ended])).trim() === String(threads);
  } finally {
    asking.close();
  }
}
