import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs what `npm start -- …` runs, in a process of its own. */
function start(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['local/start.ts', ...args], (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('npm start', () => {
  it(
    'archives what a simulated HubSpot sends, finds it complete, and answers in SQL',
    { timeout: 120_000 },
    async () => {
      const args = ['--threads', '40', '--seconds', '7', '--seed', '22', '--port', '0', '--folder', folder];
      const { code, stdout, stderr } = await start(...args);

      expect(stderr).toBe('');
      expect(stdout).toContain('Complete: everything that HubSpot holds is in the archive, byte for byte');
      for (const compared of [
        'messages that were edited, after their last edit; [1-9]\\d* with no event since\n',
        'that HubSpot lists cut, with their whole text\n',
        'attached files, by their bytes and SHA-256\n',
        'threads in the trash, marked; [1-9]\\d* taken out again, not marked\n',
        'threads deleted for privacy: on record, and nothing of them left\n',
      ]) {
        expect(stdout).toMatch(new RegExp(` [1-9]\\d* ${compared}`));
      }
      expect(stdout).toMatch(/^the sweep listed \d+ threads, and queued [1-9]\d* to be read once more$/m);
      expect(stdout).toMatch(/event to archived {2}p50 \d+\.\d s, p95 \d+\.\d s, p99 \d+\.\d s/);
      expect(stdout).toMatch(/channel +messages +threads +first_day +last_day/);
      expect(code).toBe(0);
    },
  );

  it('says what it takes', async () => {
    const { code, stdout } = await start('--help');

    expect(stdout).toContain('Usage: npm start -- [options]');
    expect(code).toBe(0);
  });

  it('says that a port is taken, in one line', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;

    const { code, stderr } = await start('--port', String(port), '--folder', folder);
    server.close();

    expect(stderr).toBe(
      `port ${port} is taken; choose another with --port, or --port 0 for any that is free\n`,
    );
    expect(code).toBe(1);
  });

  it('says that a folder cannot be written, in one line', async () => {
    await writeFile(path.join(folder, 'file'), '');

    const { code, stderr } = await start('--folder', path.join(folder, 'file'));

    expect(stderr).toMatch(
      /^the folder .*file cannot be written \((EEXIST|ENOTDIR)\); choose one that can\n$/,
    );
    expect(code).toBe(1);
  });

  it('says what is wrong with an option, in one line', async () => {
    const { code, stderr } = await start('--seconds', 'many');

    expect(stderr).toBe('--seconds is "many", but takes a whole number from 1 to 600\n');
    expect(code).toBe(2);
  });
});
