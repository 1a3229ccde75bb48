import { expect, it } from 'vitest';
import type { WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { listVersions } from './bucket.ts';
import { readDeployment } from './deployment.ts';
import { letArchive } from './event-source.ts';
import { drained, sendBody, takeInVain, visible } from './queues.ts';
import { post } from './webhooks.ts';

const { outputs } = readDeployment();

/** What is delivered again, by HubSpot or by SQS, changes nothing that it brought the first time. */
export function describeRedelivery(hubspot: SimulatedHubSpot, sent: readonly WebhookEvent[]): void {
  it('writes no part again when a webhook is posted twice, and its records are delivered again and doubled', async () => {
    const before = await listParts();
    const callsBefore = hubspot.log.count();
    const events = sent.slice(-3);
    await letArchive(false);

    expect([await post(events), await post(events)]).toEqual([200, 200]);
    await visible(outputs.ThreadQueueUrl, 2 * events.length);
    const bodies = await takeInVain(outputs.ThreadQueueUrl);
    for (const body of bodies) await sendBody(outputs.ThreadQueueUrl, body);
    await letArchive(true);
    await drained(outputs.ThreadQueueUrl);

    expect(bodies).toHaveLength(6);
    expect(await listParts()).toEqual(before);
    // A record that was taken before is not believed to be done, so HubSpot was asked again.
    expect(hubspot.log.count()).toBeGreaterThan(callsBefore);
  });
}

async function listParts(): Promise<string[]> {
  const versions = await listVersions(outputs.ArchiveBucketName);
  return versions.filter((version) => version.startsWith('messages/'));
}
