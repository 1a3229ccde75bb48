import { vi } from 'vitest';

/** What is written through the console while a test runs, a line each; `vi.restoreAllMocks` ends it. */
export function consoleLines(): string[] {
  const lines: string[] = [];
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => lines.push(line));
  }
  return lines;
}

/**
 * Makes this process look like a Lambda that has not begun: with this environment, and no module loaded, so that importing its
 * entry is a cold start. Powertools writes through the console, metrics too. `vi.unstubAllEnvs` ends it.
 */
export function stubLambda(env: Readonly<Record<string, string>>): void {
  vi.resetModules();
  // DEV makes Powertools write through the global console; metrics are off then unless they are asked for.
  const settings = {
    AWS_REGION: 'eu-central-1',
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_METRICS_NAMESPACE: 'Test',
  };
  for (const [name, value] of Object.entries({ ...settings, ...env })) vi.stubEnv(name, value);
}
