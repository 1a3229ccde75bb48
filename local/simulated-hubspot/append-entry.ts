import { type SimulatedFile } from './attachments.ts';
import { type Turn } from './conversation.ts';
import { type JsonObject, writeJson } from './json-text.ts';
import { composeEntry, isoInstant } from './message-json.ts';
import { hexIdOf } from './random.ts';
import { type Entry, showEntry, type Thread, type World } from './world.ts';

/** How a new entry differs from what the world would draw. Times in epoch milliseconds. */
export type EntryOptions = {
  /** Default: now. */
  createdAt?: number;
  /** How long after its creation the API shows it; default: drawn, as the world's `late` says. */
  visibleAfterMs?: number;
  /** Members of its JSON to set or, with undefined, to leave out. */
  fields?: JsonObject;
};

/** Adds an entry to a thread and does to the thread what the entry says. It builds no events: the caller may. */
export function appendEntry(world: World, thread: Thread, turn: Turn, options: EntryOptions = {}): Entry {
  const { entry, files } = makeEntry(world, thread, turn, options);
  thread.nextEntryNumber++;
  thread.lastCreatedAt = Math.max(thread.lastCreatedAt, entry.createdAt);
  thread.entries.set(entry.messageId, entry);
  for (const file of files) world.files.set(file.fileId, file);
  if (entry.visibleAt <= world.now()) showEntry(thread, entry);
  else thread.pending.push(entry);
  applyTurn(thread, turn, entry);
  return entry;
}

function makeEntry(
  world: World,
  thread: Thread,
  turn: Turn,
  options: EntryOptions,
): { entry: Entry; files: SimulatedFile[] } {
  const { profile, assignedTo, inboxId, lastMessage, nextEntryNumber: number } = thread;
  const { threadId } = profile;
  const name = `${threadId}/${number}`;
  const messageId = drawMessageId(world, turn, name);
  const createdAt = drawCreatedAt(world, thread, name, options.createdAt);
  const lateMs = options.visibleAfterMs ?? drawLateness(world, name);
  const visibleAt = (options.createdAt ?? world.now()) + lateMs;
  const before = { assignedTo, inboxId, messageId: lastMessage?.messageId, text: lastMessage?.text };
  const facts = { messageId, createdAt: isoInstant(createdAt), turn, profile, before };
  const compose: Entry['compose'] = () => {
    const composed = composeEntry(world.random.fork(`entry/${name}`), facts);
    return { ...composed, fields: { ...composed.fields, ...options.fields } };
  };
  const { fields, files } = compose();
  const direction = typeof fields['direction'] === 'string' ? fields['direction'] : undefined;
  const content = { type: turn.type, direction, json: writeJson(fields), compose };
  const entry = { threadId, messageId, number, createdAt, visibleAt, editedAt: undefined, ...content };
  return { entry, files };
}

function applyTurn(thread: Thread, turn: Turn, { messageId, createdAt }: Entry): void {
  if (turn.type === 'MESSAGE') thread.lastMessage = { messageId, text: turn.text };
  if (turn.type === 'ASSIGNMENT') thread.assignedTo = turn.assignedTo;
  if (turn.type === 'THREAD_INBOX_CHANGE') thread.inboxId = turn.toInboxId;
  if (turn.type !== 'THREAD_STATUS_CHANGE') return;
  thread.status = turn.newStatus;
  thread.closedAt = turn.newStatus === 'CLOSED' ? createdAt : undefined;
}

function drawMessageId(world: World, turn: Turn, name: string): string {
  const id = hexIdOf(`${world.seed}/message/${name}`);
  const isSystemEntry = turn.type === 'ASSIGNMENT' || turn.type.startsWith('THREAD_');
  if (!isSystemEntry || /[0-7]$/.test(id)) return id;
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const WHOLE_SECOND_SHARE = 0.05;

// A whole second is written without milliseconds. It is earlier than the instant itself, so never let it overtake.
function drawCreatedAt(world: World, thread: Thread, name: string, createdAt = world.now()): number {
  if (!world.random.fork(`second/${name}`).chance(WHOLE_SECOND_SHARE)) return createdAt;
  const wholeSecond = createdAt - (createdAt % 1000);
  return wholeSecond < thread.lastCreatedAt ? createdAt : wholeSecond;
}

/** After how many milliseconds the API shows what has this name: 0 as a rule. */
export function drawLateness({ random, late }: World, name: string): number {
  const draw = random.fork(`late/${name}`);
  return draw.chance(late.share) ? draw.int(1, late.maxMs) : 0;
}
