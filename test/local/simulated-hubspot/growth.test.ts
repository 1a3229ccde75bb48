import { describe, expect, it } from 'vitest';
import { type WebhookEvent } from '../../../local/simulated-hubspot/events.ts';
import {
  addOldThreads,
  applyStep,
  type GrowthOptions,
  planGrowth,
  playGrowth,
} from '../../../local/simulated-hubspot/growth.ts';
import { createSimulatedHubSpot } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { allMessages, type Entry } from '../../../local/simulated-hubspot/world.ts';
import { NOON, simulate } from './client.ts';

const OPTIONS: GrowthOptions = { threads: 40, durationMs: 60_000 };

/** Lets a world grow at once, by its own clock. */
function grow(options: GrowthOptions, seed = 'growth') {
  const { world, clock } = simulate({ seed });
  const plan = planGrowth(world, options);
  addOldThreads(world, plan);
  const old = [...allMessages(world)].map(({ messageId }) => messageId);
  const events: WebhookEvent[] = [];
  for (const step of plan.steps) {
    clock.now = NOON + step.atMs;
    events.push(...applyStep(world, step));
  }
  return { world, plan, old, events };
}

const hasEvent = ({ type }: Entry): boolean => ['MESSAGE', 'COMMENT', 'WELCOME_MESSAGE'].includes(type);
const typesOf = (events: readonly WebhookEvent[]): Set<string> =>
  new Set(events.map(({ subscriptionType }) => subscriptionType));

describe('growth', () => {
  it('is planned the same for the same seed, in the order of time and within its duration', () => {
    const [one, same, other] = ['a', 'a', 'b'].map((seed) => planGrowth(simulate({ seed }).world, OPTIONS));

    const times = one!.steps.map(({ atMs }) => atMs);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(60_000);
    expect(new Set(one!.steps.map(({ threadId }) => threadId)).size).toBe(40);
  });

  it('sends an event for every thread and message that is new, and none for what was there before', () => {
    const { world, plan, old, events } = grow(OPTIONS);

    const messages = [...allMessages(world)].filter(hasEvent);
    const announced = events.flatMap(({ messageId }) => messageId ?? []);
    const creations = events.filter(({ subscriptionType }) => subscriptionType === 'conversation.creation');
    expect(announced.sort()).toEqual(
      messages
        .map(({ messageId }) => messageId)
        .filter((id) => !old.includes(id))
        .sort(),
    );
    expect(creations).toHaveLength(40 - plan.oldThreads.length);
    expect(plan.oldThreads.length).toBeGreaterThan(4);
    expect(typesOf(events)).toContain('conversation.propertyChange');
  });

  it('dates new messages now and old ones on many earlier days', () => {
    const { world, old } = grow({ ...OPTIONS, oldDays: 90 });

    const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const entries = [...allMessages(world)];
    const [before, after] = [true, false].map((isOld) =>
      entries.filter(({ messageId }) => old.includes(messageId) === isOld),
    );
    expect(new Set(before!.map(({ createdAt }) => dayOf(createdAt))).size).toBeGreaterThan(40);
    expect(new Set(after!.map(({ createdAt }) => dayOf(createdAt)))).toEqual(new Set(['2023-11-07']));
    expect(after!.every(({ createdAt }) => createdAt >= NOON && createdAt < NOON + 60_000)).toBe(true);
  });

  it('can be without old threads', () => {
    const { plan, old } = grow({ ...OPTIONS, oldShare: 0 });

    expect([plan.oldThreads.length, old.length]).toEqual([0, 0]);
  });

  it('edits some messages without an event', () => {
    const { world } = grow({ ...OPTIONS, edits: 0.3, oldShare: 0 });

    const edited = [...allMessages(world)].filter(({ json }) => {
      const { createdAt, updatedAt } = JSON.parse(json) as { createdAt: string; updatedAt?: string };
      return updatedAt !== undefined && updatedAt !== createdAt;
    });
    expect(edited.length).toBeGreaterThan(30);
  });

  it('takes messages out, moves threads to the trash and back, and purges, in the shares that are asked for', () => {
    const calm = grow(OPTIONS);
    const eventful = grow({ ...OPTIONS, removals: 0.1, trashed: 0.5, restored: 0.5, purged: 0.2 });

    const place = (threads: Iterable<{ archivedAt: number | undefined }>): number =>
      [...threads].filter(({ archivedAt }) => archivedAt !== undefined).length;
    expect(typesOf(calm.events)).not.toContain('conversation.deletion');
    expect(calm.world.threads.size).toBe(40);
    expect(typesOf(eventful.events)).toEqual(
      new Set([...typesOf(calm.events), 'conversation.deletion', 'conversation.privacyDeletion']),
    );
    expect(eventful.events.some(({ propertyName }) => propertyName === 'isArchived')).toBe(true);
    expect(eventful.world.threads.size).toBeLessThan(40);
    expect(place(eventful.world.threads.values())).toBeGreaterThan(2);
    const announced = eventful.events.filter(({ messageId }) => messageId !== undefined).length;
    const messages = [...allMessages(eventful.world)].filter(hasEvent);
    const kept = messages.filter(({ messageId }) => !eventful.old.includes(messageId)).length;
    expect(kept).toBeLessThan(announced);
  });

  it('plays in real time, and stops when told', async () => {
    const { world } = createSimulatedHubSpot({ seed: 'play' });
    const plan = planGrowth(world, { threads: 5, durationMs: 200, oldShare: 0 });
    const events: WebhookEvent[] = [];
    const onEvents = (more: WebhookEvent[]): void => {
      events.push(...more);
    };

    const startedAt = performance.now();
    await playGrowth(world, plan.steps, { onEvents });
    const tookMs = performance.now() - startedAt;
    const before = events.length;
    await playGrowth(world, [{ atMs: 60_000, threadId: '1', action: { kind: 'create' } }], {
      onEvents,
      signal: AbortSignal.timeout(20),
    });

    expect(tookMs).toBeGreaterThanOrEqual(plan.steps.at(-1)!.atMs - 5);
    expect(before).toBeGreaterThan(20);
    expect(events.length).toBe(before);
  });
});
