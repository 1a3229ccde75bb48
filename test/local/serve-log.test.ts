import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import { createSimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { signedHeaders } from '../../local/simulated-hubspot/signing.ts';
import { findTexts, MARKERS } from '../simulation/markers.ts';
import { newMessageEvent } from '../support/webhook.ts';
import { PUBLIC_URL, serveArgs, startServe } from './serve-process.ts';

const SECRETS = {
  HUBSPOT_CLIENT_SECRET: MARKERS.clientSecret,
  HUBSPOT_PREVIOUS_CLIENT_SECRET: MARKERS.error,
  HUBSPOT_ACCESS_TOKEN: MARKERS.token,
};

it('npm run serve prints nothing that anybody wrote, is called or keeps secret', async () => {
  await using cleanUp = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'threadvault-'));
  cleanUp.defer(() => rm(folder, { recursive: true }));
  const hubspot = createSimulatedHubSpot({
    late: { share: 0, maxMs: 0 },
    tokens: { [MARKERS.token]: ['conversations.read'] },
  });
  const api = await hubspot.listen();
  cleanUp.defer(() => api.close());
  const { threadId, events } = createThread(hubspot.world);
  addEntry(hubspot.world, threadId, {
    type: 'MESSAGE',
    by: 'visitor',
    text: MARKERS.text,
    subject: MARKERS.name,
  });
  const { visitor } = hubspot.world.threads.get(threadId)!.profile;
  const { child, lines, listening, ended } = startServe(serveArgs(folder, api.url), { env: SECRETS });
  cleanUp.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = await listening;
  const signatures: string[] = [];
  const post = async (body: string, secret: string = MARKERS.clientSecret) => {
    const headers = signedHeaders(secret, { uri: PUBLIC_URL, body, timestamp: String(Date.now()) });
    signatures.push(headers['x-hubspot-signature-v3']!);
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };

  const note = [visitor.last, visitor.email, ...Object.values(MARKERS)].join();
  const strange = newMessageEvent({
    portalId: MARKERS.name,
    subscriptionType: MARKERS.text,
    eventId: note.slice(0, 9),
  });
  expect(await post(JSON.stringify(events.map((event) => ({ ...event, note }))))).toBe(200);
  expect(await post(JSON.stringify([strange]))).toBe(400);
  expect(await post(JSON.stringify([{ ...strange, portalId: MARKERS.token, eventId: 1 }]))).toBe(200);
  expect(await post(note)).toBe(400);
  expect(await post(note, note)).toBe(401);
  await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toMatch(/: archived, 1 messages/);
  hubspot.faults.next(1, { kind: 'status', status: 400, html: true });
  expect(await post(JSON.stringify([{ ...events[0], occurredAt: Date.now() }]))).toBe(200);
  await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toMatch(/: again in /);
  child.kill('SIGTERM');

  const { code, stderr } = await ended;
  const said = `${lines.join('\n')}\n${stderr}`;
  expect(code).toBe(0);
  for (const word of ['listening', 'accepted', 'malformed', 'refused', 'archived', 'again'])
    expect(said).toContain(word);
  expect(findTexts(said, [visitor.last, visitor.email, ...signatures])).toEqual([]);
});
