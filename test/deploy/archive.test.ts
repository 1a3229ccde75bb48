import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorKey } from '../../functions/archive/layout.ts';
import { actorsOf } from '../../functions/archive/row.ts';
import type { WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import type { RunningServer } from '../../local/simulated-hubspot/server.ts';
import { signedHeaders } from '../../local/simulated-hubspot/signing.ts';
import { SIMULATED_ACCESS_TOKEN } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { allMessages } from '../../local/simulated-hubspot/world.ts';
import { confidentialTexts, createAccount, growAccount, putSecrets, THREADS } from './account.ts';
import { describeBackfill } from './backfill.ts';
import { listVersions, readBucket, readRows } from './bucket.ts';
import { describeDeadLetters } from './dead-letters.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { describeDigests } from './digests.ts';
import { describeErase } from './erase.ts';
import { describeExport } from './export.ts';
import { describeHolds } from './holds.ts';
import { readLogs } from './logs.ts';
import { describePrivacyDeletion } from './privacy-deletion.ts';
import { countMessages, drained, readQueue } from './queues.ts';
import { describeRedelivery } from './redelivery.ts';
import { describeSweep } from './sweep.ts';
import { describeRetention } from './retention.ts';
import { CLIENT_SECRET, creationOf, post, type SignedParts } from './webhooks.ts';

const { outputs, template, hubspotPort } = readDeployment();
const hubspot = createAccount();
const sent: WebhookEvent[] = [];
let hubspotServer: RunningServer;

beforeAll(async () => {
  hubspotServer = await hubspot.listen(hubspotPort);
});
afterAll(() => hubspotServer.close());

describe('a stack whose secrets nobody has put', () => {
  it('takes no webhook, so that HubSpot keeps it', async () => {
    expect(await post([creationOf('1')])).toBe(503);
    expect(await countMessages(outputs.ThreadQueueUrl)).toBe(0);
  });
});

describe('a deployed stack', () => {
  let archive: Map<string, Buffer>;

  beforeAll(async () => {
    await putSecrets();
    await growAccount(hubspot, sent);
    archive = await readBucket(outputs.ArchiveBucketName);
  }, 180_000);

  it('has the queue that the template describes', async () => {
    const queue = template.Resources['ThreadQueueC6DC028B']!.Properties;

    const { RedrivePolicy, ...attributes } = await readQueue(outputs.ThreadQueueUrl);

    expect(attributes).toMatchObject({
      DelaySeconds: String(queue['DelaySeconds']),
      VisibilityTimeout: String(queue['VisibilityTimeout']),
    });
    const { maxReceiveCount } = queue['RedrivePolicy'] as { maxReceiveCount: number };
    expect(JSON.parse(RedrivePolicy!)).toMatchObject({ maxReceiveCount });
  });

  it('holds every message of HubSpot exactly once, as HubSpot sent it, in the partition of its day', async ({
    annotate,
  }) => {
    const held = Array.from(allMessages(hubspot.world), ({ threadId, createdAt, messageId, json }) => {
      const dt = new Date(createdAt).toISOString().slice(0, 10);
      return `messages/portal_id=${PORTAL_ID}/dt=${dt}/${threadId}.json.gz ${messageId} ${json}`;
    });

    const archived = keysBelow('messages/').flatMap((key) =>
      readRows(archive.get(key)!).map(({ message_id, raw }) => `${key} ${message_id} ${raw}`),
    );

    expect(archived.sort()).toEqual(held.sort());
    expect(hubspot.world.threads.size).toBe(THREADS);
    await annotate(
      `${archived.length} messages of ${THREADS} threads, in ${keysBelow('messages/').length} parts`,
    );
  });

  it('has a record of every thread whose counts, checksums and parts agree with the archive', async ({
    annotate,
  }) => {
    const expected = Array.from(hubspot.world.threads, ([threadId, { entries }]) => {
      const parts = keysBelow('messages/').filter((key) => key.endsWith(`/${threadId}.json.gz`));
      return {
        thread_id: threadId,
        raw: askHubSpot(`/conversations/v3/conversations/threads/${threadId}?association=TICKET`),
        message_count: entries.size,
        unseen_message_ids: [],
        parts: parts.map((key) => ({
          key,
          messages: readRows(archive.get(key)!).length,
          bytes: archive.get(key)!.length,
          sha256: createHash('sha256').update(archive.get(key)!).digest('hex'),
        })),
      };
    });

    const records = keysBelow('threads/').map(
      (key) => JSON.parse(archive.get(key)!.toString()) as { thread_id: string },
    );

    const byId = (a: { thread_id: string }, b: { thread_id: string }) =>
      Number(a.thread_id) - Number(b.thread_id);
    expect(records.sort(byId)).toMatchObject(expected.sort(byId));
    await annotate(`${records.length} thread records`);
  });

  it('has an object for each actor that a message or thread names', async ({ annotate }) => {
    const rows = keysBelow('messages/').flatMap((key) => readRows(archive.get(key)!));
    const threads = keysBelow('threads/').map(
      (key) => JSON.parse(archive.get(key)!.toString()) as { assigned_to: string | null },
    );
    const named = [...rows.flatMap(actorsOf), ...threads.map((thread) => thread.assigned_to)];
    const keys = named.flatMap((actorId) =>
      actorId === null ? [] : [actorKey({ portalId: String(PORTAL_ID), actorId })],
    );

    expect(keysBelow('actors/').toSorted()).toEqual([...new Set(keys)].toSorted());
    await annotate(`${keysBelow('actors/').length} actors, ${hubspot.log.count(/batch\/read$/)} calls`);
  });

  it('has nothing else in the bucket, and nothing in the dead-letter queue', async () => {
    const bySchedule = ['sweeps/', 'directory/', 'inboxes/', 'channels/', 'channel_accounts/'];
    const known = ['messages/', 'threads/', 'actors/', 'attachments/', ...bySchedule].flatMap(keysBelow);
    expect(archive.size).toBe(known.length);
    expect(await countMessages(outputs.DeadLetterQueueUrl)).toBe(0);
  });

  it('stays below the limits of HubSpot', async ({ annotate }) => {
    expect(hubspot.log.count(undefined, 429)).toBe(0);
    await annotate(`${hubspot.log.count()} calls of HubSpot's API`);
  });

  it('writes no part again when events come again', async () => {
    const before = await listVersions(outputs.ArchiveBucketName);

    expect(await post(sent.slice(-20))).toBe(200);
    await drained(outputs.ThreadQueueUrl);

    const after = await listVersions(outputs.ArchiveBucketName);
    const parts = (versions: string[]) => versions.filter((version) => version.startsWith('messages/'));
    expect(parts(after)).toEqual(parts(before));
  });

  it.each<[string, (parts: SignedParts) => Record<string, string>]>([
    ['an unsigned request', () => ({})],
    ['a signature made with another secret', (parts) => signedHeaders('another-secret', parts)],
    ['a signature over another body', (parts) => signedHeaders(CLIENT_SECRET, { ...parts, body: '[]' })],
    [
      'a signature over another URL',
      (parts) => signedHeaders(CLIENT_SECRET, { ...parts, uri: `${parts.uri}/` }),
    ],
    [
      'a request of six minutes ago',
      (parts) => signedHeaders(CLIENT_SECRET, { ...parts, timestamp: String(Date.now() - 360_000) }),
    ],
  ])('answers 401 to %s and changes nothing', async (_, sign) => {
    const before = await listVersions(outputs.ArchiveBucketName);

    expect(await post([creationOf('1')], sign)).toBe(401);

    expect(await countMessages(outputs.ThreadQueueUrl)).toBe(0);
    expect(await listVersions(outputs.ArchiveBucketName)).toEqual(before);
  });

  const keysBelow = (prefix: string): string[] => [...archive.keys()].filter((key) => key.startsWith(prefix));
});

describeRedelivery(hubspot, sent);
describeDeadLetters(hubspot);
// Before those that delete.
describeDigests(hubspot);
describeSweep(hubspot);
describeBackfill(hubspot);
describeExport(hubspot);
describePrivacyDeletion(hubspot);
describeErase(hubspot);
describeHolds(hubspot);
describeRetention(hubspot);

describe('a deployed stack after all this', () => {
  it('logs which threads it archived, and nothing that anybody wrote, is called or keeps secret', async ({
    annotate,
  }) => {
    const logs = (await readLogs()).join('\n');

    expect([...hubspot.world.threads.keys()].filter((threadId) => !logs.includes(threadId))).toEqual([]);
    expect(confidentialTexts(hubspot).filter((text) => logs.includes(text))).toEqual([]);
    await annotate(`${confidentialTexts(hubspot).length} texts looked for in ${logs.length} characters`);
  });
});

function askHubSpot(path: string): string {
  const { body } = hubspot.handle({
    method: 'GET',
    path,
    headers: { authorization: `Bearer ${SIMULATED_ACCESS_TOKEN}` },
  });
  return String(body);
}
