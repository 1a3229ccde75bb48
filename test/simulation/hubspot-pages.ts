import { type ApiAnswer, notFound } from '../../local/simulated-hubspot/answers.ts';
import { type Call } from '../../local/simulated-hubspot/call.ts';
import { readFileApi } from '../../local/simulated-hubspot/files-api.ts';
import { getOriginalContent, listMessages } from '../../local/simulated-hubspot/messages-api.ts';
import { type PagingQuirks, writePage } from '../../local/simulated-hubspot/paging.ts';
import { getThread } from '../../local/simulated-hubspot/threads-api.ts';
import { visibleEntries, type World } from '../../local/simulated-hubspot/world.ts';
import { NO_QUIRKS } from './plan.ts';
import { type Stage } from './stage.ts';

/** Reads the account. Both throw Refusal for what is not there. */
export type Reader = {
  /** As HubSpot would answer an unlimited account. */
  readWhole: (url: URL) => ApiAnswer;
  /** The same in pages of the size, and with the cursors, that the schedule has. */
  readPaged: (url: URL) => ApiAnswer;
};

const THREAD_PATH = /\/threads\/(\d+)(\/messages)?$/;
const ORIGINAL_PATH = /\/threads\/(\d+)\/messages\/([^/]+)\/original-content$/;
const FILE_PATH = /^\/files\/v3\/files\/([^/]+)(?:\/([^/]+))?$/;
const MOST_ON_A_PAGE = '100';

/** The calls that the archive makes, taken from the simulated API past its transport, its tokens and its limits. */
export function createReader(stage: Stage, world: World): Reader {
  const { pageSize, countingCursors, quirks, trashReading } = stage.plan.settings;
  const common = {
    world,
    random: world.random.fork('api'),
    method: 'GET',
    body: '',
    scopes: ['files'],
    timeZone: 'UTC',
    trashReading,
    downloadOrigin: '',
  };
  const callOf = (url: URL, ofCall: PagingQuirks): Call => ({
    ...common,
    path: url.pathname,
    query: new URLSearchParams(url.search),
    quirks: ofCall,
  });

  function readWhole(url: URL): ApiAnswer {
    const call = callOf(url, quirks);
    const [, fileId, part] = FILE_PATH.exec(url.pathname) ?? [];
    if (fileId !== undefined) return readFileApi(call, fileId, part);
    const [, threadOf, messageId] = ORIGINAL_PATH.exec(url.pathname) ?? [];
    if (threadOf !== undefined && messageId !== undefined)
      return getOriginalContent(call, threadOf, messageId);
    const { threadId, isList } = targetOf(url);
    return isList ? listMessages(call, threadId) : getThread(call, threadId);
  }

  function readPaged(url: URL): ApiAnswer {
    if (!THREAD_PATH.test(url.pathname)) return readWhole(url);
    const { threadId, isList } = targetOf(url);
    if (!isList) return readWhole(url);
    if (countingCursors) return readCounted(url, threadId);
    const call = callOf(url, quirks);
    call.query.set('limit', String(pageSize));
    return listMessages(call, threadId);
  }

  /** A page by its place in the list: what is taken out moves the pages behind it. */
  function readCounted(url: URL, threadId: string): ApiAnswer {
    const call = callOf(url, NO_QUIRKS);
    const from = Number(call.query.get('after') ?? 0);
    call.query.delete('after');
    call.query.set('limit', MOST_ON_A_PAGE);
    const first = listMessages(call, threadId);
    const thread = world.threads.get(threadId);
    const isEmpty = thread === undefined || String(first.body).startsWith('{"results":[]');
    const entries = isEmpty ? [] : visibleEntries(world, thread);
    const to = from + pageSize;
    const texts = entries.slice(from, to).map((entry) => entry.json);
    const after = to < entries.length ? String(to) : undefined;
    return { ...first, body: writePage(texts, { path: call.path, query: call.query, after }) };
  }

  return { readWhole, readPaged };
}

function targetOf({ pathname }: URL): { threadId: string; isList: boolean } {
  const [, threadId, list] = THREAD_PATH.exec(pathname) ?? [];
  if (threadId === undefined) throw notFound('page', pathname);
  return { threadId, isList: list !== undefined };
}
