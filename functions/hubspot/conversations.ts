import { HubSpotError } from '../errors.ts';
import { type ThreadId, threadIdText } from '../thread-id.ts';
import { checkAnswer, parseAnswer, readListPage } from './answers.ts';
import { type HubSpotGet } from './http.ts';
import { type ApiVersion, BASE_PATHS, threadPath } from './paths.ts';
import { type HubSpotThread, messageCoreSchema, objectSchema, threadSchema } from './schemas.ts';

// The specification names no maximum; 100 is what is used everywhere.
const PAGE_SIZE = 100;

/**
 * A message: its id, when it was created (ISO-8601 with a zone), all that HubSpot sent of it, parsed and unchecked, and
 * the very text.
 */
export type FetchedMessage = {
  id: string;
  createdAt: string;
  fields: Readonly<Record<string, unknown>>;
  raw: string;
};
/** Where a thread's history goes on. `archived`: whether it is asked for as that of a thread in the trash. */
export type HistoryPlace = { cursor: string; archived: boolean };
/** Some messages of a thread's history, and where it goes on; nowhere at its end. */
export type MessagePage = { messages: FetchedMessage[]; next: HistoryPlace | undefined };
/** A thread and the very text HubSpot sent for it. */
export type FetchedThread = { thread: HubSpotThread; raw: string };
/** What HubSpot says of a thread, and when, by its own clock in whole seconds; nothing when it does not have it. */
export type ThreadAnswer = { found: FetchedThread | undefined; answeredAt: number };

/** Reads conversations. Every call is paced and waits out short trouble; see {@link HubSpotGet}. */
export type Conversations = {
  /**
   * The thread, in the trash or not. What is read afterwards is as new as `answeredAt` or newer. One call when it is where
   * it is looked for first, two when it is not, and once a minute a third when it is nowhere.
   * @param inTrash where: true for one that has just been listed in the trash
   * @throws HubSpotError with status 404 when HubSpot shows no threads of the account at all, so that it says nothing of this one
   */
  getThread: (id: ThreadId, inTrash?: boolean) => Promise<ThreadAnswer>;
  /**
   * The thread's history, page by page, oldest first, to the end of the cursor: the whole of it, or from a place on. A
   * page may be short or empty. A message that moves between pages while they are read may come twice.
   */
  listMessagePages: (
    id: ThreadId,
    options: { threadIsArchived: boolean; from?: HistoryPlace | undefined },
  ) => AsyncGenerator<MessagePage>;
};

/**
 * Source of the two calls: https://developers.hubspot.com/docs/api-reference/conversations (read November 2026).
 * @throws HubSpotError from every call: refusals, no answer, and answers that are not what the API promises
 */
export function createConversations(get: HubSpotGet, apiVersion: ApiVersion): Conversations {
  const checkAccount = createAccountCheck(get, apiVersion);

  async function getThread(id: ThreadId, inTrash = false): Promise<ThreadAnswer> {
    const live = `${threadPath(apiVersion, id)}?association=TICKET`;
    // A thread in the trash is shown only to those who ask for it, until it is purged after 30 days.
    const trash = `${live}&archived=true`;
    const [first, other] = inTrash ? [trash, live] : [live, trash];
    const { text, answeredAt } = await get(id.portalId, first);
    const raw = text ?? (await get(id.portalId, other)).text;
    if (raw === undefined) {
      await checkAccount(id.portalId, answeredAt);
      return { found: undefined, answeredAt };
    }
    return { found: readThread(raw, id), answeredAt };
  }

  async function fetchPage(id: ThreadId, { archived, cursor }: PageRequest): Promise<Page | undefined> {
    const query = new URLSearchParams({ sort: 'createdAt', limit: String(PAGE_SIZE) });
    if (archived) query.set('archived', 'true');
    if (cursor !== undefined) query.set('after', cursor);
    const { text } = await get(id.portalId, `${threadPath(apiVersion, id)}/messages?${query.toString()}`);
    return text === undefined ? undefined : readPage(text, id);
  }

  async function firstPage(id: ThreadId, threadIsArchived: boolean): Promise<PageOf> {
    const plain = await fetchPage(id, { archived: false });
    // Whether the messages of a thread in the trash need the flag too is not documented. Asking without it first is
    // right either way: with it, another reading would be "only those messages that are archived themselves".
    const archived = threadIsArchived && isNothing(plain);
    return { page: archived ? await fetchPage(id, { archived }) : plain, archived };
  }

  async function* listMessagePages(id: ThreadId, { threadIsArchived, from }: ListOptions) {
    const { page, archived } =
      from === undefined
        ? await firstPage(id, threadIsArchived)
        : { page: await fetchPage(id, from), archived: from.archived };
    if (page === undefined) throw new HubSpotError(`HubSpot shows no messages of thread ${threadIdText(id)}`);
    const startedAt = from?.cursor;
    yield* followCursors(id, { page, archived, startedAt }, (cursor) => fetchPage(id, { archived, cursor }));
  }

  return { getThread, listMessagePages };
}

// A burst of threads that are gone costs one call more.
const SHOWN_FOR_MS = 60_000;

/**
 * Tells a thread that is gone from an API that is: a version that HubSpot has turned off may answer 404 to every path. Lists
 * one thread of the account, unless HubSpot did so in the minute before. `answeredAt`: when it showed no such thread.
 */
function createAccountCheck(get: HubSpotGet, apiVersion: ApiVersion) {
  const shownAt = new Map<string, number>();
  return async (portalId: string, answeredAt: number): Promise<void> => {
    // Both are HubSpot's times. An answer that is older than the list needs no other list.
    if (answeredAt - (shownAt.get(portalId) ?? -Infinity) < SHOWN_FOR_MS) return;
    const list = await get(portalId, `${BASE_PATHS[apiVersion]}/threads?limit=1`);
    if (list.text === undefined) {
      const message = `HubSpot shows no threads of account ${portalId} at all under version ${apiVersion} of its API`;
      throw new HubSpotError(message, { status: 404 });
    }
    shownAt.set(portalId, list.answeredAt);
  };
}

/** A page whose messages are not parsed yet: that can be done while the next page is on its way. */
type Page = { isEmpty: boolean; cursor: string | undefined; parse: () => FetchedMessage[] };
type PageRequest = { archived: boolean; cursor?: string };
type PageOf = { page: Page | undefined; archived: boolean };
type ListOptions = { threadIsArchived: boolean; from?: HistoryPlace | undefined };

function isNothing(page: Page | undefined): boolean {
  return page === undefined || (page.isEmpty && page.cursor === undefined);
}

/** Only a missing cursor ends the history: short pages and empty ones do not. */
async function* followCursors(
  id: ThreadId,
  { page: first, archived, startedAt }: { page: Page; archived: boolean; startedAt: string | undefined },
  fetchNext: (cursor: string) => Promise<Page | undefined>,
): AsyncGenerator<MessagePage> {
  const seenCursors = new Set(startedAt === undefined ? [] : [startedAt]);
  let page = first;
  while (page.cursor !== undefined) {
    const { cursor, parse } = page;
    if (seenCursors.has(cursor))
      throw new HubSpotError(`HubSpot repeats a cursor of thread ${threadIdText(id)}`);
    seenCursors.add(cursor);
    // The next page is on its way while this one is parsed and the caller works on it.
    const nextPage = fetchNext(cursor);
    nextPage.catch(() => undefined);
    yield { messages: parse(), next: { cursor, archived } };
    const next = await nextPage;
    if (next === undefined) throw new HubSpotError(`thread ${threadIdText(id)} vanished while it was read`);
    page = next;
  }
  yield { messages: page.parse(), next: undefined };
}

function readThread(raw: string, id: ThreadId): FetchedThread {
  const what = `thread ${threadIdText(id)}`;
  const thread = checkAnswer(threadSchema, parseAnswer(raw, what), what);
  if (thread.id !== id.threadId)
    throw new HubSpotError(`HubSpot answers ${threadIdText(id)} with another thread`);
  return { thread, raw };
}

function readPage(text: string, id: ThreadId): Page {
  const what = `messages of thread ${threadIdText(id)}`;
  const { elements, cursor } = readListPage(text, what);
  return {
    isEmpty: elements.length === 0,
    cursor,
    parse: () => elements.map((raw, i) => parseMessage(raw, `${what}, results.${i}`)),
  };
}

function parseMessage(raw: string, what: string): FetchedMessage {
  const fields = checkAnswer(objectSchema, parseAnswer(raw, what), what);
  const { id, createdAt } = checkAnswer(messageCoreSchema, fields, what);
  return { id, createdAt, fields, raw };
}
