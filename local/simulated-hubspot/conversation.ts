import { AGENTS, CHANNEL_IDS, INBOXES } from './account.ts';
import { type Random } from './random.ts';
import { SCRIPTS, type Script, type Speaker } from './scripts.ts';
import { type ThreadProfile } from './thread-profile.ts';

/** One thing that happens in a thread and leaves an entry in its history. */
export type Turn =
  | { type: 'MESSAGE'; by: Speaker; text: string; subject?: string }
  | { type: 'COMMENT'; text: string }
  | { type: 'WELCOME_MESSAGE'; text: string }
  | { type: 'ASSIGNMENT'; assignedTo: string | undefined }
  | { type: 'THREAD_STATUS_CHANGE'; newStatus: 'OPEN' | 'CLOSED' }
  | { type: 'THREAD_INBOX_CHANGE'; toInboxId: string }
  // No client knows this type: HubSpot adds types, and an archive has to keep them.
  | { type: 'CALL_SUMMARY'; text: string };

/**
 * The turns of one whole conversation: a script with its slots filled, and around it what an account does with it
 * (greeting, assignment, notes, moves, closing). `round` counts the conversations of the thread from 0.
 */
export function writeConversation(world: Random, profile: ThreadProfile, round: number): Turn[] {
  const random = world.fork(`conversation/${profile.threadId}/${round}`);
  const script = random.pick(SCRIPTS);
  const fill = slotFiller(random, profile);
  const turns: Turn[] = [];
  const chatty = profile.channelId === CHANNEL_IDS.chat || profile.channelId === CHANNEL_IDS.messenger;
  if (round === 0 && chatty)
    turns.push({ type: 'WELCOME_MESSAGE', text: 'Hello! 👋 How can we help you today?' });
  for (const [index, line] of script.lines.entries()) {
    turns.push({
      type: 'MESSAGE',
      by: line.by,
      text: fill(line.text),
      subject: subjectOf(fill(script.subject), index),
    });
    if (index === 0 && random.chance(0.85))
      turns.push({ type: 'ASSIGNMENT', assignedTo: profile.agent.actorId });
    if (index > 0) turns.push(...whatElseHappens(random, profile, script));
  }
  if (random.chance(0.6)) turns.push({ type: 'THREAD_STATUS_CHANGE', newStatus: 'CLOSED' });
  return turns;
}

/** One conversation after the other, without end: for threads of any length. A closed thread is opened again first. */
export function* writeConversations(world: Random, profile: ThreadProfile): Generator<Turn, never> {
  for (let round = 0; ; round++) {
    const turns = writeConversation(world, profile, round);
    yield* turns;
    if (turns.at(-1)?.type === 'THREAD_STATUS_CHANGE')
      yield { type: 'THREAD_STATUS_CHANGE', newStatus: 'OPEN' };
  }
}

function whatElseHappens(random: Random, profile: ThreadProfile, { title, note }: Script): Turn[] {
  const draw = random.next();
  if (draw < 0.06) return [{ type: 'COMMENT', text: note }];
  if (draw < 0.09) return [{ type: 'ASSIGNMENT', assignedTo: random.pick(AGENTS).actorId }];
  if (draw < 0.1) return [{ type: 'ASSIGNMENT', assignedTo: undefined }];
  if (draw < 0.12) {
    const others = INBOXES.filter(({ id }) => id !== profile.inboxId);
    return [{ type: 'THREAD_INBOX_CHANGE', toInboxId: random.pick(others).id }];
  }
  return draw < 0.14 ? [{ type: 'CALL_SUMMARY', text: `Called about: ${title}.` }] : [];
}

function subjectOf(subject: string, index: number): string {
  return index === 0 ? subject : `Re: ${subject}`;
}

const PRODUCTS = ['folding desk', 'cargo bike', 'espresso grinder', 'roster terminal', 'ergonomic chair'];
// In digits, because the scripts are in several languages.
const DAYS = ['24/11', '30/11', '03/12', '15/12', '08/01'];

function slotFiller(random: Random, { visitor, agent }: ThreadProfile): (text: string) => string {
  const slots = new Map([
    ...Object.entries(visitor),
    ['agent', agent.name],
    ['order', `SO-${random.int(10_000, 99_999)}`],
    ['invoice', `INV-${random.int(2024, 2026)}-${random.int(1000, 9999)}`],
    ['product', random.pick(PRODUCTS)],
    ['day', random.pick(DAYS)],
    ['amount', `€${random.int(12, 4999)}.${String(random.int(0, 99)).padStart(2, '0')}`],
  ]);
  return (text) => text.replaceAll(/\{(\w+)\}/g, (slot, name: string) => slots.get(name) ?? slot);
}
