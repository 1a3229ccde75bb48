import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, run, start, stopGroup } from '../support/child-process.ts';

const VENV = resolve('.venv');
const REQUIREMENTS = 'test/deploy/requirements.txt';
const INSTALLED = join(VENV, 'installed.txt');
const READY_WITHIN_MS = 30_000;

/** An AWS on this machine. */
export type MiniStack = {
  /** What `AWS_ENDPOINT_URL` must be to reach it. */
  url: string;
  port: number;
  /** Stops it, and the Lambdas that it runs. */
  stop: () => Promise<void>;
};

/** Installs MiniStack into `.venv/`, unless the very versions of requirements.txt are there. Needs Python 3.10 or newer. */
export async function installMiniStack(signal: AbortSignal): Promise<void> {
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  if ((await readFile(INSTALLED, 'utf8').catch(() => '')) === wanted) return;
  // The user's own environment: pip may need a proxy or an index of the house.
  const options = { env: process.env, signal };
  await run('python3', ['-m', 'venv', '--clear', VENV], options);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    REQUIREMENTS,
  ];
  await run(join(VENV, 'bin/python'), pip, options);
  await writeFile(INSTALLED, wanted);
}

/** Starts MiniStack on a free port of 127.0.0.1 and waits until it answers. Its Lambdas run under the first `node` in PATH. */
export async function startMiniStack({
  env,
  log,
  signal,
}: {
  env: NodeJS.ProcessEnv;
  log: string;
  signal: AbortSignal;
}): Promise<MiniStack> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = start(join(VENV, 'bin/ministack'), [], {
    // MINISTACK_HOST is part of the names it gives to queues and APIs.
    env: { ...env, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', MINISTACK_HOST: 'localhost' },
    log,
  });
  const stop = (): Promise<void> => stopGroup(child);
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await answers(`${url}/_ministack/health`))) {
    if (child.exitCode !== null || Date.now() > until || signal.aborted) {
      await stop();
      throw new Error(`MiniStack does not answer: see ${log}`);
    }
    await sleep(100);
  }
  return { url, port, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
