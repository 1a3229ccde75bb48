import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { SIMULATED_ACCESS_TOKEN } from '../../local/simulated-hubspot/simulated-hubspot.ts';

/** Where HubSpot sends webhooks; a tunnel would bring them to this machine. */
export const PUBLIC_URL = 'https://archive.example.org/hooks/hubspot';
/** What it signs them with. */
export const CLIENT_SECRET = 'client-secret-of-a-test';

/** A process that serves, and what it has said. */
export type ServeProcess = {
  child: ChildProcess;
  lines: string[];
  /** Resolves with where it listens. Rejects when it ends before it does. */
  listening: Promise<string>;
  /** Resolves when it has ended, and all that it said is here. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
};

/** Runs what `npm run serve -- …` runs, in a process of its own. */
export function startServe(
  args: readonly string[],
  { program = 'local/serve.ts', env = {} }: { program?: string; env?: NodeJS.ProcessEnv } = {},
): ServeProcess {
  const secrets = { HUBSPOT_CLIENT_SECRET: CLIENT_SECRET, HUBSPOT_ACCESS_TOKEN: SIMULATED_ACCESS_TOKEN };
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...secrets, ...env } });
  const lines: string[] = [];
  let stderr = '';
  let rest = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Awaited<ServeProcess['ended']>>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, stderr });
    });
  });
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      const url = /^listening on (\S+)/m.exec(parts.join('\n'))?.[1];
      if (url !== undefined) resolve(url);
    });
    void ended.then(() => {
      reject(new Error(`it ended before it listened: ${stderr}`));
    });
  });
  listening.catch(() => undefined);
  return { child, lines, listening, ended };
}

/** The options that serve an account of a simulated HubSpot. */
export function serveArgs(folder: string, apiUrl: string, port = 0): string[] {
  return [
    ...['--portal', '62515', '--webhook-url', PUBLIC_URL, '--folder', folder, '--port', String(port)],
    ...['--api-url', apiUrl, '--requests-per-second', '1000', '--coalesce-seconds', '0'],
  ];
}

/** A port that is free now. */
export async function findFreePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
