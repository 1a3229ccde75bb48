import { codeOf } from './durable-files.ts';

/**
 * Keeps a command at its work when what it says cannot be written. Nobody reads any more, as with `| head`: that is no failure,
 * and the rest is not said. Any other cause, such as a full disk under `> FILE`, is said on stderr, and the process ends
 * with 1 when its work is done. Call it once, before anything is written.
 */
export function outliveStandardStreams(): void {
  process.stdout.on('error', (error) => {
    const code = codeOf(error);
    if (code === 'EPIPE') return;
    process.stderr.write(`the output cannot be written (${code})\n`);
    process.once('exit', () => {
      process.exitCode = 1;
    });
  });
  process.stderr.on('error', () => undefined);
}
