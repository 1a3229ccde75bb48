import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareWithHubSpot, isComplete } from '../../local/demo/compare.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { archiveThread, createThread } from '../../local/simulated-hubspot/changes.ts';
import { addOldThread } from '../../local/simulated-hubspot/history.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';

let folder: string;
let cleanUp: AsyncDisposableStack;
beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  const parent = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  cleanUp.defer(() => rm(parent, { recursive: true }));
  folder = path.join(parent, 'archive');
});
afterEach(() => cleanUp.disposeAsync());

/** A HubSpot with a history: so many threads, one in ten in the trash, and one without a message. */
async function startHubSpot(threads: number) {
  const hubspot = createSimulatedHubSpot({
    late: { share: 0, maxMs: 0 },
    rateLimits: { tenSecondly: 10_000 },
  });
  for (let n = 0; n < threads; n++) {
    const threadId = addOldThread(hubspot.world, { entries: 1 + ((n * 7) % 30), days: 1 + (n % 20) });
    if (n % 10 === 0) archiveThread(hubspot.world, threadId);
  }
  createThread(hubspot.world);
  const api = await hubspot.listen();
  cleanUp.defer(() => api.close());
  return { ...hubspot, api };
}

/** Runs what `npm run backfill -- …` runs, in a process of its own. `end` gives it a signal. */
function backfill(apiUrl: string, more: readonly string[] = [], token = SIMULATED_ACCESS_TOKEN) {
  const args = ['--portal', '62515', '--to', folder, '--api-url', apiUrl, '--requests-per-second', '100'];
  const env = { ...process.env, HUBSPOT_ACCESS_TOKEN: token };
  const child = spawn(process.execPath, ['cli/backfill.ts', ...args, ...more], { env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...said });
    });
  });
  cleanUp.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

async function isAllArchived(world: Parameters<typeof compareWithHubSpot>[1]): Promise<boolean> {
  const store = await openFolderStore(folder);
  try {
    return isComplete(await compareWithHubSpot(store, world));
  } finally {
    await store.close();
  }
}

describe('npm run backfill into a folder', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)(
    'archives the history, goes on after %s, and then finds nothing to do',
    async (signal) => {
      const { api, world, log } = await startHubSpot(30);
      const first = backfill(api.url);
      await expect.poll(() => log.count(/messages/, 200), { timeout: 20_000 }).toBeGreaterThan(25);
      first.child.kill(signal);
      const stopped = await first.ended;

      const rest = await backfill(api.url).ended;
      log.clear();
      const nothing = await backfill(api.url).ended;

      if (signal === 'SIGINT') {
        expect(stopped.code).toBe(1);
        expect(stopped.stdout).toMatch(/stopped with \d+ threads left; the same command goes on/);
      }
      expect(rest).toMatchObject({ code: 0, stderr: '' });
      expect(rest.stdout).toMatch(
        /HubSpot lists 31 threads, 3 of them in the trash; .* lacks something of \d+/,
      );
      expect(rest.stdout).toMatch(
        /100 % .*\n[\d,]+ threads archived, which have [\d,]+ messages, with [\d,]+ calls\n$/,
      );
      expect(nothing.code).toBe(0);
      expect(nothing.stdout).toContain('the archive lacks something of 0');
      expect(log.count(/messages/)).toBe(0);
      expect(await isAllArchived(world)).toBe(true);
    },
  );

  it('counts and estimates, and writes nothing, when it is a dry run', async () => {
    const { api, world } = await startHubSpot(20);
    const messages = [...world.threads.values()].reduce((sum, { entries }) => sum + entries.size, 0);

    const { code, stdout } = await backfill(api.url, ['--dry-run']).ended;

    expect(code).toBe(0);
    expect(stdout).toMatch(/the archive lacks something of 21 \(21 never archived\)/);
    expect(stdout).toMatch(new RegExp(`each of them was read\\nmessages +${messages}\\n`));
    expect(stdout).toMatch(/time +\d+ s at 100 calls a second/);
    expect(existsSync(folder)).toBe(false);
  });

  it('names a thread that fails, archives the rest, and ends with 1', async () => {
    const { api, world, faults } = await startHubSpot(5);
    const [threadId] = [...world.threads.keys()].slice(2);
    faults.next(100, { kind: 'status', status: 400 }, new RegExp(`threads/${threadId!}/messages`));

    const { code, stdout, stderr } = await backfill(api.url).ended;

    expect(code).toBe(1);
    expect(stdout).toContain('5 threads archived');
    expect(stderr).toMatch(
      new RegExp(`^thread 62515/${threadId!}: HubSpotError: HubSpot answered 400 to GET`),
    );
  });

  it('says that the access token does not work, before it makes anything', async () => {
    const { api } = await startHubSpot(1);

    const { code, stderr } = await backfill(api.url, [], 'another').ended;

    expect(code).toBe(1);
    expect(stderr).toMatch(/^HubSpot answered 401 .*HUBSPOT_ACCESS_TOKEN does not work for this account/);
    expect(stderr).not.toContain('another');
    expect(existsSync(folder)).toBe(false);
  });

  it('says that another process has the folder, and which', async () => {
    const { api } = await startHubSpot(1);
    const store = await openFolderStore(folder);
    cleanUp.defer(() => store.close());

    const { code, stderr } = await backfill(api.url).ended;

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`is in use by process ${process.pid}; stop it`));
  });

  it('ends with 2 when its command line cannot be used', async () => {
    const { code, stderr } = await backfill('http://127.0.0.1:9', ['--since', 'then']).ended;

    expect(code).toBe(2);
    expect(stderr).toBe('--since is "then", but takes a UTC date, e.g. 2025-01-01\n');
  });
});
