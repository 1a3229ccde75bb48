import { expect } from 'vitest';
import { addEntry, editMessage } from '../../local/simulated-hubspot/changes.ts';
import type { WebhookEvent } from '../../local/simulated-hubspot/events.ts';
import type { SimulatedHubSpot } from '../../local/simulated-hubspot/simulated-hubspot.ts';
import { startThread } from './account.ts';
import { readDeployment } from './deployment.ts';
import { drained } from './queues.ts';
import { post } from './webhooks.ts';

const { outputs } = readDeployment();

/** What the message of an edited thread said at first, and what it says now. */
export const TEXTS = { before: 'Ship it to Harbour Road 1.', after: 'Ship it to Station Road 2.' } as const;

/** Threads, each with an attached file and a message that was edited, of which the archive has older versions. */
export async function archiveEditedThreads(hubspot: SimulatedHubSpot, count: number): Promise<string[]> {
  const threads = Array.from({ length: count }, () => startEditedThread(hubspot));
  await deliver(threads.flatMap(({ events }) => events));
  const told = threads.flatMap(({ threadId, messageId }) => {
    editMessage(hubspot.world, threadId, messageId, { text: TEXTS.after, richText: TEXTS.after });
    // An edit has no event of its own; the next message's tells of the thread.
    return sayMore(hubspot, threadId);
  });
  await deliver(told);
  return threads.map(({ threadId }) => threadId);
}

/** Adds a message to a thread, shown at once, and gives its events. */
export function sayMore({ world }: SimulatedHubSpot, threadId: string): WebhookEvent[] {
  const turn = { type: 'COMMENT', text: 'There is more to say.' } as const;
  return addEntry(world, threadId, turn, { visibleAfterMs: 0 }).events;
}

/** Posts events, and resolves when the archiver has dealt with them. */
export async function deliver(events: WebhookEvent[]): Promise<void> {
  expect(await post(events)).toBe(200);
  await drained(outputs.ThreadQueueUrl);
}

function startEditedThread(hubspot: SimulatedHubSpot) {
  const { world } = hubspot;
  const { threadId, events } = startThread(hubspot);
  const fileId = `7${threadId}`;
  world.files.set(fileId, { fileId, name: 'invoice', extension: 'pdf', type: 'DOCUMENT', sizeBytes: 2_000 });
  const attachments = [{ type: 'FILE', fileId, fileUsageType: 'OTHER', name: 'invoice.pdf' }];
  const said = addEntry(
    world,
    threadId,
    { type: 'COMMENT', text: TEXTS.before },
    { visibleAfterMs: 0, fields: { attachments } },
  );
  return { threadId, messageId: said.messageId, events: [...events, ...said.events] };
}
