import { vi } from 'vitest';

const LEVELS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const;

/** Catches everything that is written to standard output, standard error and the console until it is told to restore. */
export function logOutput(): { take: () => string; restore: () => void } {
  let text = '';
  const catchText = (chunk: unknown): boolean => {
    text += chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk);
    return true;
  };
  const spies = [
    ...[process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation(catchText),
    ),
    ...LEVELS.map((level) =>
      vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
        catchText(
          `${parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')}\n`,
        );
      }),
    ),
  ];
  return {
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

/** The lines of an output that are no metrics. */
export function logLines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('{"_aws":'));
}
