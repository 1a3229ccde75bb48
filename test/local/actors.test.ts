import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolderStore } from '../../local/folder-store.ts';
import { startFolderHome } from '../../local/home.ts';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { createWebhookSender } from '../../local/simulated-hubspot/webhook-sender.ts';

let folder: string;
let cleanUp: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadvault-people-'));
  cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => cleanUp.disposeAsync());

/** The folder home over a simulated HubSpot, both on sockets. */
async function startBoth() {
  const hubspot = createSimulatedHubSpot({ late: { share: 0, maxMs: 0 } });
  const api = await hubspot.listen();
  cleanUp.defer(() => api.close());
  const store = await openFolderStore(folder);
  cleanUp.defer(() => store.close());
  const notices: string[] = [];
  let done = 0;
  const home = await startFolderHome({
    store,
    port: 0,
    portalId: '62515',
    clientSecret: { current: 'client-secret' },
    accessToken: SIMULATED_ACCESS_TOKEN,
    hubspotApiUrl: api.url,
    hubspotApiVersion: 'v3',
    requestsPerSecond: 1_000,
    attachmentMaxBytes: 0,
    coalesceMs: 0,
    onVerdict: ({ result }) => (done += result === 'done' ? 1 : 0),
    onNotice: (notice) => notices.push(notice),
  });
  const sender = createWebhookSender({
    targetUrl: home.webhookUrl,
    clientSecret: 'client-secret',
    flushMs: 5,
  });
  cleanUp.defer(() => sender.stop());
  return { hubspot, home, sender, notices, done: () => done };
}

/** A thread in which a visitor and an agent have spoken: its events. */
function converse({ world }: ReturnType<typeof createSimulatedHubSpot>) {
  const { threadId, events } = createThread(world);
  const say = (by: 'visitor' | 'agent') =>
    addEntry(world, threadId, { type: 'MESSAGE', by, text: 'Hello' }).events;
  return [...events, ...say('visitor'), ...say('agent')];
}

it('a folder has the actors that its messages name, at the latest when the home has stopped', async () => {
  const { hubspot, home, sender, done } = await startBoth();

  sender.send(converse(hubspot));
  await expect.poll(done).toBe(1);
  await home.stop();

  const names = await readdir(path.join(folder, 'actors', 'portal_id=62515'));
  const actors = await Promise.all(
    names.map((name) => readFile(path.join(folder, 'actors/portal_id=62515', name), 'utf8')),
  );
  const types = actors.map((text) => (JSON.parse(text) as { type: string | null }).type);
  expect(types).toEqual(expect.arrayContaining(['VISITOR']));
  expect(names.length).toBeGreaterThanOrEqual(2);
  expect(hubspot.log.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

it('threads are archived all the same when no actor can be had, and the home says so', async () => {
  const { hubspot, home, sender, notices, done } = await startBoth();
  hubspot.faults.next(1_000, { kind: 'status', status: 403 }, /actors/);

  sender.send(converse(hubspot));
  await expect.poll(done).toBe(1);
  await home.stop();

  expect(notices).toEqual([
    expect.stringMatching(
      /^\d actors not archived, tried again later: HubSpotError: HubSpot answered 403 to POST /,
    ),
  ]);
  expect(await readdir(folder)).not.toContain('actors');
});
