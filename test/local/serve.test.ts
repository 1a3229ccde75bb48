import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareWithHubSpot, isComplete } from '../../local/demo/compare.ts';
import { openFolderStore } from '../../local/folder-store.ts';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import { createSimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { createWebhookSender } from '../../local/simulated-hubspot/webhook-sender.ts';
import { CLIENT_SECRET, PUBLIC_URL, serveArgs, type ServeProcess, startServe } from './serve-process.ts';

let folder: string;
let started: ServeProcess[];
let cleanUp: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  started = [];
  cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(folder, { recursive: true }));
});
afterEach(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended;
  }
  await cleanUp.disposeAsync();
});

function serve(...args: Parameters<typeof startServe>): ServeProcess {
  const process = startServe(...args);
  started.push(process);
  return process;
}

/** A HubSpot of three threads with two messages each, and the events that announce them. */
async function startHubSpot() {
  const hubspot = createSimulatedHubSpot({ late: { share: 0, maxMs: 0 } });
  const api = await hubspot.listen();
  cleanUp.defer(() => api.close());
  const events = [1, 2, 3].flatMap(() => {
    const { threadId, events: created } = createThread(hubspot.world);
    const turn = () => addEntry(hubspot.world, threadId, { type: 'COMMENT', text: 'Private words' }).events;
    return [...created, ...turn(), ...turn()];
  });
  return { ...hubspot, api, events };
}

function sendTo(targetUrl: string, { signedUrl = PUBLIC_URL, clientSecret = CLIENT_SECRET } = {}) {
  const sender = createWebhookSender({ targetUrl, signedUrl, clientSecret, flushMs: 5, retryDelaysMs: [] });
  cleanUp.defer(() => sender.stop());
  return sender;
}

describe('npm run serve', () => {
  it('archives what webhooks for the public URL announce, and ends cleanly when told to', async () => {
    const { world, api, events } = await startHubSpot();
    const { child, lines, listening, ended } = serve(serveArgs(folder, api.url));
    const sender = sendTo(await listening);

    sender.send(events);
    await expect.poll(() => lines.join('\n')).toMatch(/: archived, 2 messages, .*; 0 queued$/);
    child.kill('SIGTERM');

    expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
    const store = await openFolderStore(folder);
    cleanUp.defer(() => store.close());
    expect(isComplete(await compareWithHubSpot(store, world))).toBe(true);
    expect(lines[0]).toMatch(
      /^listening on http:\/\/127\.0\.0\.1:\d+\/webhook for https:\/\/archive\.example\.org\/hooks\/hubspot, archiving account 62515 into .*; 0 queued, 0 given up$/,
    );
    expect(lines[1]).toBe('webhook accepted: 9 events of 3 threads, 0 ignored');
    expect(lines.at(-1)).toBe('SIGTERM: no more webhooks; ending when the threads at hand are archived');
    expect(lines).toHaveLength(6);
    expect(lines.join('\n')).not.toMatch(/Private words|client-secret|access-token/);
  });

  it('goes on with what was queued when it was killed', async () => {
    const { world, api, events } = await startHubSpot();
    const waits = [...serveArgs(folder, api.url).slice(0, -1), '900'];
    const killed = serve(waits);
    const sender = sendTo(await killed.listening);
    sender.send(events);
    await sender.drain();
    killed.child.kill('SIGKILL');
    await killed.ended;

    const { child, lines, listening, ended } = serve(serveArgs(folder, api.url));
    await listening;
    await expect.poll(() => lines.join('\n')).toMatch(/; 0 queued$/);
    child.kill('SIGINT');

    expect((await ended).code).toBe(0);
    expect(lines[0]).toMatch(/; 3 queued, 0 given up$/);
    const store = await openFolderStore(folder);
    cleanUp.defer(() => store.close());
    expect(isComplete(await compareWithHubSpot(store, world))).toBe(true);
  });

  it('takes the previous client secret too, and refuses what is signed otherwise, saying so', async () => {
    const { api, events } = await startHubSpot();
    const env = { HUBSPOT_PREVIOUS_CLIENT_SECRET: 'before' };
    const { lines, listening } = serve(serveArgs(folder, api.url), { env });
    const url = await listening;
    const previous = sendTo(url, { clientSecret: 'before' });
    const strangers = [sendTo(url, { signedUrl: url }), sendTo(url, { clientSecret: 'guess' })];

    for (const sender of [previous, ...strangers]) {
      sender.send(events.slice(0, 1));
      await sender.drain();
    }

    expect(previous.counts).toMatchObject({ delivered: 1, dropped: 0 });
    for (const { counts } of strangers) expect(counts).toMatchObject({ delivered: 0, dropped: 1 });
    await expect
      .poll(() => lines.filter((line) => line.startsWith('webhook ')))
      .toEqual(['webhook accepted: 1 events of 1 threads, 0 ignored', 'webhook refused: mismatch']);
  });

  it('lets one of two have a folder when they start at the same moment', async () => {
    const processes = [
      serve(serveArgs(folder, 'http://127.0.0.1:9')),
      serve(serveArgs(folder, 'http://127.0.0.1:9')),
    ];

    const starts = await Promise.allSettled(processes.map(({ listening }) => listening));

    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = processes[starts.findIndex(({ status }) => status === 'rejected')];
    const { code, stderr } = await loser!.ended;
    expect(stderr).toMatch(/^the folder .* is in use by process \d+; stop it, or remove .*\.lock\n$/);
    expect(code).toBe(1);
  });

  it('says what it takes', async () => {
    const { lines, ended } = serve(['--help']);

    expect((await ended).code).toBe(0);
    expect(lines[0]).toBe('Usage: npm run serve -- --portal ID --webhook-url URL [options]');
  });

  it('says what is missing, a line each', async () => {
    const { ended } = serve(['--folder', folder]);

    expect(await ended).toEqual({
      code: 2,
      signal: null,
      stderr:
        '--portal is missing; it takes the id of a HubSpot account, e.g. 62515\n' +
        '--webhook-url is missing; it takes an https URL without a query, the very one that HubSpot is told to call\n',
    });
  });
});
