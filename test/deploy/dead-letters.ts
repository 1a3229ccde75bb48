import { beforeAll, describe, expect, it } from 'vitest';
import { threadRecordKey } from '../../functions/archive/layout.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { startThread } from './account.ts';
import { readBucket } from './bucket.ts';
import { runScript } from './commands.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { letArchive } from './event-source.ts';
import { countMessages, drained, sendBody, takeInVain, visible } from './queues.ts';
import { post } from './webhooks.ts';

const { outputs, template } = readDeployment();
const { ThreadQueueUrl, DeadLetterQueueUrl } = outputs;
const MATES = 3;

/** A thread that HubSpot refuses: from its last try to the operator's redrive. */
export function describeDeadLetters(hubspot: SimulatedHubSpot): void {
  describe('a thread that HubSpot refuses at its last try', () => {
    let poison: string;
    let mates: string[];

    beforeAll(async () => {
      ({ poison, mates } = await archiveWithPoison(hubspot));
    }, 60_000);

    it('is set aside with its reason, while its batch mates are archived', async () => {
      const archive = await readBucket(outputs.ArchiveBucketName);

      expect(mates.filter((threadId) => !archive.has(recordOf(threadId)))).toEqual([]);
      expect(archive.has(recordOf(poison))).toBe(false);
      expect(JSON.parse(await deadLetters('list', '--json'))).toEqual([
        {
          threadId: poison,
          portalId: String(PORTAL_ID),
          reason: expect.stringMatching(/^HubSpotError: HubSpot answered 400 to GET .*\/threads\/\d+\?/),
          errorClass: 'HubSpotError',
          status: 400,
          requestId: expect.stringMatching(/^[\w-]{8,}$/),
          tries: 10,
          keptSince: expect.any(String),
          occurredAt: expect.any(String),
        },
      ]);
    });

    it('is listed as often as one likes', async () => {
      const table = await deadLetters('list');

      expect(table).toMatch(new RegExp(`^${poison} +${PORTAL_ID} +\\d+ s +10 +400 `, 'm'));
      expect(await countMessages(DeadLetterQueueUrl)).toBe(1);
    });

    it('is archived when it is redriven after the fault is gone, and then is no dead letter any more', async () => {
      hubspot.faults.clear();

      const said = await deadLetters('redrive', '--thread', `${PORTAL_ID}/${poison}`);
      await drained(ThreadQueueUrl);

      expect(said).toBe(`${PORTAL_ID}/${poison} redriven\n`);
      expect((await readBucket(outputs.ArchiveBucketName)).has(recordOf(poison))).toBe(true);
      expect(await deadLetters('list')).toBe('no dead letters\n');
      expect(await countMessages(DeadLetterQueueUrl)).toBe(0);
    });
  });

  describe('a record that is no queued thread', () => {
    it('is set aside at once, and stays where it is when everything is redriven', async () => {
      await sendBody(ThreadQueueUrl, '{"what":"somebody wrote"}');
      await drained(ThreadQueueUrl);

      const [letter] = JSON.parse(await deadLetters('list', '--json')) as object[];
      const redriving = deadLetters('redrive', '--all');

      expect(letter).toMatchObject({
        threadId: null,
        reason: 'RecordError: the body is not a queued thread',
        tries: 1,
      });
      await expect(redriving).rejects.toMatchObject({ code: 1, stdout: '' });
      expect(await countMessages(DeadLetterQueueUrl)).toBe(1);
    });
  });
}

/**
 * Lets one batch be archived in which HubSpot refuses one thread, whose record has been taken in vain so often that this is
 * its last try. The waits between tries take half an hour; for SQS and for the archiver it is the same record in the end.
 */
async function archiveWithPoison(hubspot: SimulatedHubSpot) {
  await letArchive(false);
  const poison = startThread(hubspot);
  hubspot.faults.next(Infinity, { kind: 'status', status: 400 }, new RegExp(`/threads/${poison.threadId}`));
  expect(await post(poison.events)).toBe(200);
  await visible(ThreadQueueUrl, 1);
  for (let tries = 1; tries < maxReceiveCount(); tries++) {
    expect(await takeInVain(ThreadQueueUrl)).toHaveLength(1);
  }
  const mates = Array.from({ length: MATES }, () => startThread(hubspot));
  expect(await post(mates.flatMap(({ events }) => events))).toBe(200);
  await visible(ThreadQueueUrl, 1 + MATES);
  await letArchive(true);
  await drained(ThreadQueueUrl);
  return { poison: poison.threadId, mates: mates.map(({ threadId }) => threadId) };
}

function maxReceiveCount(): number {
  const { RedrivePolicy } = template.Resources['ThreadQueueC6DC028B']!.Properties;
  return (RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount;
}

function recordOf(threadId: string): string {
  return threadRecordKey({ portalId: String(PORTAL_ID), threadId });
}

/** What `npm run dead-letters` prints. */
function deadLetters(...args: string[]): Promise<string> {
  return runScript('dead-letters', args);
}
