import { HubSpotError } from '../errors.ts';
import { checkAnswer, readListPage } from './answers.ts';
import { type FetchedThread } from './conversations.ts';
import { readFetched } from './fetched.ts';
import { type HubSpotGet } from './http.ts';
import { type ApiVersion, BASE_PATHS } from './paths.ts';
import { threadSchema } from './schemas.ts';

/** Which of an account's threads are listed, and from where on. */
export type ThreadListRequest = {
  portalId: string;
  /** Those in HubSpot's trash, and no others; without it those that are not. */
  archived: boolean;
  /**
   * Only threads whose newest message is of then or later, milliseconds since 1970, those with the oldest one first. A
   * thread that gets a message while the list is read moves ahead: it may come twice, and is not missed. Without it all
   * threads are listed, in the order of their ids.
   */
  newestMessageFrom?: number | undefined;
  /** Where to go on; the rest of the request must be as it was. */
  cursor?: string | undefined;
};

/** Some of the threads, and the cursor to go on with; undefined at the end. A page may be short or empty. */
export type ThreadListPage = {
  threads: FetchedThread[];
  next: string | undefined;
  /** By HubSpot's clock in whole seconds, milliseconds since 1970. */
  answeredAt: number;
};

/** Reads one page of an account's threads, with the ticket of each. One call. */
export type ListThreads = (request: ThreadListRequest) => Promise<ThreadListPage>;

// The specification names no maximum; 100 is what is used everywhere.
const PAGE_SIZE = 100;

/**
 * Lists by `sort=latestMessageTimestamp`, or by id. HubSpot has no other filter by time, so what changes a thread without a
 * message does not move it. Source: parameter texts of https://github.com/HubSpot/HubSpot-public-api-spec-collection,
 * Conversations (read November 2026).
 * @throws HubSpotError when HubSpot refuses (also a cursor that it no longer knows) or gives no answer, or one that is not
 * what the API promises
 */
export function createListThreads(get: HubSpotGet, apiVersion: ApiVersion): ListThreads {
  return async ({ portalId, archived, newestMessageFrom, cursor }) => {
    const query = new URLSearchParams({ limit: String(PAGE_SIZE), association: 'TICKET' });
    if (archived) query.set('archived', 'true');
    if (newestMessageFrom !== undefined) {
      query.set('sort', 'latestMessageTimestamp');
      query.set('latestMessageTimestampAfter', new Date(newestMessageFrom).toISOString());
    }
    if (cursor !== undefined) query.set('after', cursor);
    const { text, answeredAt } = await get(portalId, `${BASE_PATHS[apiVersion]}/threads?${query.toString()}`);
    const what = `threads of account ${portalId}`;
    if (text === undefined) throw new HubSpotError(`HubSpot shows no ${what}`, { status: 404 });
    return { ...readPage(text, what, cursor), answeredAt };
  };
}

function readPage(
  text: string,
  what: string,
  cursor: string | undefined,
): Omit<ThreadListPage, 'answeredAt'> {
  const { elements, cursor: next } = readListPage(text, what);
  if (next !== undefined && next === cursor)
    throw new HubSpotError(`HubSpot repeats a cursor of the ${what}`);
  const threads = elements.map((text, i) => {
    const where = `${what}, results.${i}`;
    const { fields, raw } = readFetched(text, where);
    return { thread: checkAnswer(threadSchema, fields, where), raw };
  });
  return { threads, next };
}
