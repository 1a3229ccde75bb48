import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { addEntry, createThread } from '../../local/simulated-hubspot/changes.ts';
import type { WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import { addOldThreads, planGrowth, playGrowth } from '../../local/simulated-hubspot/growth.ts';
import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
} from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { allMessages } from '../../local/simulated-hubspot/world.ts';
import { PORTAL_ID, readDeployment } from './deployment.ts';
import { drained } from './queues.ts';
import { CLIENT_SECRET, createSender } from './webhooks.ts';

/** How many threads grow in the account. */
export const THREADS = 30;
/** Longer than HubSpot shows a thread or a message late. */
const SETTLED_MS = 2_500;

const { outputs } = readDeployment();

/** A HubSpot with the account that the deployed stack archives; some of its threads and messages are shown late. */
export function createAccount(): SimulatedHubSpot {
  return createSimulatedHubSpot({ portalId: PORTAL_ID, late: { share: 0.05, maxMs: 2_000 } });
}

/** Puts what the account signs with, and what it lets in. */
export async function putSecrets(): Promise<void> {
  const secrets = new SecretsManagerClient();
  const put = (SecretId: string, value: object) =>
    secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  await put(outputs.ClientSecretArn, { current: CLIENT_SECRET });
  await put(outputs.AccessTokensArn, { [PORTAL_ID]: SIMULATED_ACCESS_TOKEN });
}

/**
 * Lets some dozen threads live through a few seconds, delivers their events as HubSpot does, and waits for the archive.
 * @param sent gets the events
 */
export async function growAccount({ world }: SimulatedHubSpot, sent: WebhookEvent[]): Promise<void> {
  const sender = createSender();
  const deliver = (events: WebhookEvent[]): void => {
    sent.push(...events);
    sender.send(events);
  };
  // Edits have no event of their own, so no archive can know of them by webhooks alone.
  const plan = planGrowth(world, { threads: THREADS, durationMs: 2_000, edits: 0 });
  addOldThreads(world, plan);
  await playGrowth(world, plan.steps, { onEvents: deliver });
  // Nor have some entries; a last one that has makes every thread complete.
  await sleep(SETTLED_MS);
  for (const threadId of world.threads.keys()) {
    deliver(
      addEntry(world, threadId, { type: 'COMMENT', text: 'Nothing left to do.' }, { visibleAfterMs: 0 })
        .events,
    );
  }
  await sender.drain();
  await sender.stop();
  expect(sender.counts.dropped).toBe(0);
  await drained(outputs.ThreadQueueUrl);
}

/** Starts a thread with one message, both shown at once, and gives its events. */
export function startThread({ world }: SimulatedHubSpot): { threadId: string; events: WebhookEvent[] } {
  const { threadId, events } = createThread(world, { visibleAfterMs: 0 });
  const said = addEntry(
    world,
    threadId,
    { type: 'COMMENT', text: 'One more thread.' },
    { visibleAfterMs: 0 },
  );
  return { threadId, events: [...events, ...said.events] };
}

/** What people wrote, their names and addresses, and the two secrets. */
export function confidentialTexts({ world }: SimulatedHubSpot): string[] {
  const texts = Array.from(
    allMessages(world),
    ({ json }) => (JSON.parse(json) as { text?: string }).text ?? '',
  );
  const people = Array.from(world.threads.values(), ({ profile: { visitor } }) => [
    visitor.last,
    visitor.email,
  ]);
  const long = [...texts, ...people.flat()].filter((text) => text.length > 3);
  return [...new Set([...long, CLIENT_SECRET, SIMULATED_ACCESS_TOKEN])];
}
