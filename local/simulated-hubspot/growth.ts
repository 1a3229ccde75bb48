import { setTimeout as sleep } from 'node:timers/promises';
import {
  addEntry,
  archiveThread,
  createThread,
  editMessage,
  purgeThread,
  removeMessage,
  restoreThread,
} from './changes.ts';
import { type Turn, writeConversation } from './conversation.ts';
import { type WebhookEvent } from './events.ts';
import { addOldThread, type OldThread } from './history.ts';
import { type Random } from './random.ts';
import { inventThread, threadIdAt } from './thread-profile.ts';
import { type Entry, type World } from './world.ts';

/** How a world grows. Shares are between 0 and 1. */
export type GrowthOptions = {
  threads: number;
  /** From the first step to the last. */
  durationMs: number;
  /** Share of the threads that have a history of earlier days before they go on. Default 0.3. */
  oldShare?: number;
  /** How far back those histories go. Default 120. */
  oldDays?: number;
  /** Per entry: the share after which the thread's newest message is edited. Default 0.03. */
  edits?: number;
  /** Per entry: the share after which the thread's newest message that may be is taken out. Default 0. */
  removals?: number;
  /** Share of the threads that end in the trash. Default 0. */
  trashed?: number;
  /** Share of those in the trash that are taken out again. Default 0. */
  restored?: number;
  /** Share of the threads that are deleted for good in the end. Default 0. */
  purged?: number;
};

/** Something that happens, so many milliseconds after the start. */
export type GrowthStep = { atMs: number; threadId: string; action: GrowthAction };
/** What happens to a thread. */
export type GrowthAction =
  | { kind: 'create' }
  | { kind: 'say'; turn: Turn }
  | { kind: 'edit' }
  | { kind: 'remove' }
  | { kind: 'trash' }
  | { kind: 'restore' }
  | { kind: 'purge' };

/** What is there at the start, and what happens then, in the order of time. */
export type GrowthPlan = { oldThreads: OldThread[]; steps: GrowthStep[] };

/** Plans a world's growth: the same seed and options give the same plan. Changes nothing. */
export function planGrowth(world: World, options: GrowthOptions): GrowthPlan {
  const { threads, durationMs, oldShare = 0.3, oldDays = 120 } = options;
  const oldThreads: OldThread[] = [];
  const steps: GrowthStep[] = [];
  for (let number = 0; number < threads; number++) {
    const threadId = threadIdAt(number);
    const random = world.random.fork(`growth/${threadId}`);
    const isOld = random.chance(oldShare);
    if (isOld)
      oldThreads.push({ threadId, entries: random.int(10, 80), days: random.int(2, Math.max(2, oldDays)) });
    const turns = writeConversation(
      world.random,
      inventThread(world.random, { threadId }),
      isOld ? 1_000_000 : 0,
    );
    const actions = planActions(random, turns, options);
    if (!isOld) actions.unshift({ kind: 'create' });
    steps.push(...spread(random, { threadId, actions, durationMs }));
  }
  // Array.sort is stable: steps of a thread that fall on the same instant keep their order.
  return { oldThreads, steps: steps.sort((one, other) => one.atMs - other.atMs) };
}

/** Puts the plan's old threads into the world, without events. */
export function addOldThreads(world: World, { oldThreads }: GrowthPlan): void {
  for (const old of oldThreads) addOldThread(world, old);
}

/** Which messages a step may take out; by default any. */
export type MayRemove = (message: Entry) => boolean;

/** Does a step and gives the events that HubSpot would send for it. */
export function applyStep(
  world: World,
  { threadId, action }: GrowthStep,
  mayRemove?: MayRemove,
): WebhookEvent[] {
  switch (action.kind) {
    case 'create':
      return createThread(world, { threadId }).events;
    case 'say':
      return addEntry(world, threadId, action.turn).events;
    case 'edit':
      return editNewestMessage(world, threadId);
    case 'remove': {
      const newest = newestMessage(world, threadId, mayRemove);
      return newest === undefined ? [] : removeMessage(world, threadId, newest.messageId);
    }
    case 'trash':
      return archiveThread(world, threadId);
    case 'restore':
      return restoreThread(world, threadId);
    case 'purge':
      return purgeThread(world, threadId);
  }
}

/** Who hears of a growing world's events, and has a say in what becomes of it. */
export type GrowthWitness = {
  onEvents: (events: WebhookEvent[]) => void;
  mayRemove?: MayRemove;
  signal?: AbortSignal;
};

/** Does the steps at their times, counted from now, and hands each one's events on. Ends early when aborted. */
export async function playGrowth(
  world: World,
  steps: readonly GrowthStep[],
  { onEvents, mayRemove, signal }: GrowthWitness,
): Promise<void> {
  const startedAt = world.now();
  for (const step of steps) {
    const waitMs = startedAt + step.atMs - world.now();
    if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(ignoreAbort);
    if (signal?.aborted === true) return;
    const events = applyStep(world, step, mayRemove);
    if (events.length > 0) onEvents(events);
  }
}

function planActions(random: Random, turns: Turn[], options: GrowthOptions): GrowthAction[] {
  const { edits = 0.03, removals = 0, trashed = 0, restored = 0, purged = 0 } = options;
  const actions: GrowthAction[] = [];
  for (const turn of turns) {
    actions.push({ kind: 'say', turn });
    if (random.chance(edits)) actions.push({ kind: 'edit' });
    if (random.chance(removals)) actions.push({ kind: 'remove' });
  }
  if (random.chance(trashed)) {
    actions.push({ kind: 'trash' });
    if (random.chance(restored)) actions.push({ kind: 'restore' });
  }
  if (random.chance(purged)) actions.push({ kind: 'purge' });
  return actions;
}

function spread(
  random: Random,
  { threadId, actions, durationMs }: { threadId: string; actions: GrowthAction[]; durationMs: number },
): GrowthStep[] {
  const startMs = random.next() * durationMs * 0.6;
  const times = actions.map(() => Math.floor(startMs + random.next() * (durationMs - startMs)));
  times.sort((one, other) => one - other);
  return actions.map((action, index) => ({ atMs: times[index] ?? durationMs, threadId, action }));
}

function editNewestMessage(world: World, threadId: string): WebhookEvent[] {
  const newest = newestMessage(world, threadId);
  if (newest === undefined) return [];
  const isSent = newest.direction === 'OUTGOING';
  const changes = isSent
    ? { status: { statusType: 'READ' } }
    : { text: 'Never mind, I have found it.', richText: undefined };
  return editMessage(world, threadId, newest.messageId, changes);
}

function newestMessage(
  world: World,
  threadId: string,
  isMeant: (message: Entry) => boolean = () => true,
): Entry | undefined {
  const entries = [...(world.threads.get(threadId)?.entries.values() ?? [])];
  return entries.findLast((entry) => entry.type === 'MESSAGE' && isMeant(entry));
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
