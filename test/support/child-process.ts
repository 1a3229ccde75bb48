import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a program is run. */
export type RunOptions = {
  env: NodeJS.ProcessEnv;
  /** Ends the program, and whatever it has started, when aborted. */
  signal: AbortSignal;
  /** Shows what it prints; otherwise that is kept, for the error of a program that fails. */
  show?: boolean;
};

const KILL_AFTER_MS = 5_000;
const LINES_IN_ERROR = 40;

/**
 * Runs a program to its end.
 * @throws Error with the end of its output when its exit code is not 0; the signal's reason when aborted
 */
export async function run(
  command: string,
  args: string[],
  { env, signal, show = false }: RunOptions,
): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', ...outputs(show)] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => output.push(data));
  const onAbort = (): void => void stopGroup(child);
  signal.addEventListener('abort', onAbort);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (code === 0) return;
    const lastLines = Buffer.concat(output)
      .toString()
      .trimEnd()
      .split('\n')
      .slice(-LINES_IN_ERROR)
      .join('\n');
    throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}\n${lastLines}`);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // What it started in turn and left behind, if anything.
    await stopGroup(child);
  }
}

/** Starts a program that runs until it is stopped; what it prints goes into a file. */
export function start(
  command: string,
  args: string[],
  { env, log, cwd }: { env: NodeJS.ProcessEnv; log: string; cwd?: string },
): ChildProcess {
  const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log);
  for (const stream of [child.stdout, child.stderr]) stream.pipe(file, { end: false });
  return child;
}

/** Stops a program and everything it has started: it leads a process group of its own. */
export async function stopGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  for (const [name, waitMs] of [
    ['SIGTERM', KILL_AFTER_MS],
    ['SIGKILL', 0],
  ] as const) {
    if (!signalGroup(pid, name)) return;
    for (const until = Date.now() + waitMs; Date.now() < until && signalGroup(pid, 0);) await sleep(50);
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether there was anybody left in the group to get the signal; 0 only asks. */
function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, name);
  } catch {
    return false;
  }
}

function outputs(show: boolean): ['inherit', 'inherit'] | ['pipe', 'pipe'] {
  return show ? ['inherit', 'inherit'] : ['pipe', 'pipe'];
}
