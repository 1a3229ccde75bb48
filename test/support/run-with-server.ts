import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a run is made with. */
export type Run = {
  /** A folder for its files, kept when it fails. */
  scratch: string;
  /** Is aborted when the run is told to end, or has taken too long. */
  signal: AbortSignal;
  /** Does some of the work, and says how long it took. */
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Takes care that a server is stopped, however the run ends. */
  stopAtEnd: (server: { stop: () => Promise<void> }) => void;
};

/**
 * Does work that starts servers on this machine, for a process that does nothing else: sets exit code 1 when it fails. SIGINT,
 * SIGTERM and SIGHUP end it.
 */
export async function runWithServer(
  { name, timeLimitMs }: { name: string; timeLimitMs: number },
  work: (run: Run) => Promise<void>,
): Promise<void> {
  const signal = abortedInTime(timeLimitMs);
  const scratch = await mkdtemp(path.join(tmpdir(), `threadvault-${name}-`));
  try {
    await using running = new AsyncDisposableStack();
    const stopAtEnd: Run['stopAtEnd'] = (server) => {
      running.defer(() => server.stop());
    };
    await work({ scratch, signal, step, stopAtEnd });
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}\nlogs: ${scratch}`);
    process.exitCode = 1;
    return;
  }
  await rm(scratch, { recursive: true });
}

function abortedInTime(timeLimitMs: number): AbortSignal {
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      abort.abort(new Error(`ended by ${name}`));
    });
  }
  setTimeout(() => {
    abort.abort(new Error(`took longer than ${timeLimitMs / 60_000} minutes`));
  }, timeLimitMs).unref();
  return abort.signal;
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  console.log(`${name.padEnd(20)} ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`);
  return result;
}
