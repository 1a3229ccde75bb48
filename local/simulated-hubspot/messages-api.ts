import { answerJson, type ApiAnswer, notFound } from './answers.ts';
import { type Call } from './call.ts';
import { writeJson } from './json-text.ts';
import { cutPage, type PageStart, readCursor, writeCursor, writePage } from './paging.ts';
import { readArchived, readLimit, readOneOf } from './query.ts';
import { findThread } from './threads-api.ts';
import { compareEntries, countBefore, type Entry, findEntry, visibleEntries } from './world.ts';

// The specification names neither; 100 is what is used everywhere.
const LIMIT = { byDefault: 100, max: 100 };

/**
 * `GET threads/{threadId}/messages`, newest first unless `sort=createdAt` asks for the oldest.
 * Ascending cursors hold the last entry read: entries that are added later do not shift the pages. Descending ones hold
 * a count from the newest: they do. An entry that becomes visible late can lie behind an ascending cursor, unseen.
 */
export function listMessages(call: Call, threadId: string): ApiAnswer {
  const { query, path } = call;
  const limit = readLimit(query, LIMIT);
  const sort = readOneOf(query, 'sort', ['createdAt', '-createdAt']) ?? '-createdAt';
  const list = `${threadId}/${sort}`;
  const start = readCursor(query, list);
  const entries = readEntries(call, threadId);
  const read = sort === 'createdAt' ? readOldest : readNewest;
  const { from, take, positionAfter } = read(entries, start);
  const { count, next } = cutPage(call, { list, start, remaining: entries.length - from, limit });
  const page = take(count);
  const position = next === 'same place' ? (start?.position ?? '') : positionAfter(page);
  const after = next === 'none' ? undefined : writeCursor(list, { position, emptied: next === 'same place' });
  const texts = page.map((entry) => entry.json);
  return answerJson(writePage(texts, { path, query, after }));
}

/** `GET threads/{threadId}/messages/{messageId}`: it has no `archived`, and shows threads in the trash as well. */
export function getMessage({ world }: Call, threadId: string, messageId: string): ApiAnswer {
  const entry = findEntry(world, findThread(world, threadId, 'live', 'trash'), messageId);
  if (entry === undefined) throw notFound('message', messageId);
  return answerJson(entry.json);
}

/** `GET …/original-content`: the whole text and rich text of a message; some has only one of the two. */
export function getOriginalContent({ world }: Call, threadId: string, messageId: string): ApiAnswer {
  const entry = findEntry(world, findThread(world, threadId, 'live', 'trash'), messageId);
  if (entry === undefined) throw notFound('message', messageId);
  const { fields, original } = entry.compose();
  return answerJson(writeJson(original ?? { text: fields['text'], richText: fields['richText'] }));
}

function readEntries({ world, query, trashReading }: Call, threadId: string): readonly Entry[] {
  const archived = readArchived(query);
  if (trashReading === 'flag') {
    return visibleEntries(world, findThread(world, threadId, archived ? 'trash' : 'live'));
  }
  const thread = findThread(world, threadId, 'live', 'trash');
  return archived ? [] : visibleEntries(world, thread);
}

/** How a page is read in one of the two orders. */
type Reading = {
  /** How many entries come before the page. */
  from: number;
  take: (count: number) => readonly Entry[];
  positionAfter: (page: readonly Entry[]) => string;
};

function readOldest(entries: readonly Entry[], start: PageStart | undefined): Reading {
  const [createdAt = 0, number = -1] =
    start === undefined || start.position === '' ? [] : start.position.split(':').map(Number);
  const from = countBefore(entries, (entry) => compareEntries(entry, { createdAt, number }) > 0);
  return {
    from,
    take: (count) => entries.slice(from, from + count),
    positionAfter(page) {
      const last = page.at(-1);
      return last === undefined ? '' : `${last.createdAt}:${last.number}`;
    },
  };
}

function readNewest(entries: readonly Entry[], start: PageStart | undefined): Reading {
  const from = Math.min(Number(start?.position ?? 0), entries.length);
  return {
    from,
    take: (count) => entries.slice(entries.length - from - count, entries.length - from).reverse(),
    positionAfter: (page) => String(from + page.length),
  };
}
