import {
  answerHtml,
  answerRefusal,
  type ApiAnswer,
  type ApiRequest,
  missingScopes,
  Refusal,
  unauthenticated,
} from './answers.ts';
import { type Call, type TrashReading } from './call.ts';
import { type CallLog } from './call-log.ts';
import { getActor, readAccount, readActors, readDirectory } from './directory-api.ts';
import { type Faults, spoil } from './faults.ts';
import { DOWNLOAD_PATH, downloadFile, readFileApi } from './files-api.ts';
import { getMessage, getOriginalContent, listMessages } from './messages-api.ts';
import { type PagingQuirks } from './paging.ts';
import { type Random } from './random.ts';
import { type RateLimiter } from './rate-limit.ts';
import { getThread, listThreads } from './threads-api.ts';
import { type World } from './world.ts';

/** What the API needs to answer. */
export type ApiParts = {
  world: World;
  quirks: PagingQuirks;
  /** The scopes of each access token. */
  tokens: ReadonlyMap<string, readonly string[]>;
  rateLimiter: RateLimiter;
  faults: Faults;
  log: CallLog;
  /** The account's time zone, an IANA name. */
  timeZone: string;
  trashReading: TrashReading;
};

/** Answers requests as HubSpot's API would, without a transport; it never throws. */
export function createApi(parts: ApiParts): (request: ApiRequest) => ApiAnswer {
  const { world, log } = parts;
  const random = world.random.fork('api');
  let calls = 0;

  return (request) => {
    const { pathname: path, search, searchParams: query } = new URL(request.path, 'https://api.hubapi.com');
    const requestId = uuidOf(random.fork(`request/${calls++}`).hex(32));
    const at = world.now();
    const answer = path.startsWith(DOWNLOAD_PATH)
      ? answerDownload(parts, { path, query, requestId, random })
      : answerCall(parts, request, { path, query, requestId, random });
    const carriedToken = request.headers?.['authorization'] !== undefined;
    log.add({ method: request.method, path, query: search, status: answer.status, at, carriedToken });
    return answer;
  };
}

/** Downloads need no token and are not limited, but go wrong like calls. */
function answerDownload({ world, faults }: ApiParts, { path, query, requestId }: ParsedRequest): ApiAnswer {
  const normally = (): ApiAnswer => downloadFile(world, path.slice(DOWNLOAD_PATH.length), query);
  const fault = faults.take(path);
  return fault === undefined ? normally() : refusing(requestId, () => spoil(fault, normally));
}

type ParsedRequest = { path: string; query: URLSearchParams; requestId: string; random: Random };

function answerCall(parts: ApiParts, request: ApiRequest, parsed: ParsedRequest): ApiAnswer {
  const { world, quirks, timeZone, trashReading, tokens, rateLimiter, faults } = parts;
  const { requestId, ...target } = parsed;
  const { authorization = '', host } = request.headers ?? {};
  const scopes = tokens.get(/^Bearer (.+)$/.exec(authorization)?.[1] ?? '');
  if (scopes === undefined) return answerRefusal(unauthenticated(), requestId);
  const answer = refusing(requestId, () => {
    rateLimiter.count(requestId);
    const downloadOrigin = host === undefined ? 'https://files.example.net' : `http://${host}`;
    const { method, body = '' } = request;
    const account = { world, quirks, timeZone, trashReading };
    const call: Call = { ...account, method, body, scopes, downloadOrigin, ...target };
    const normally = (): ApiAnswer => refusing(requestId, () => route(call));
    const fault = faults.take(target.path);
    return fault === undefined ? normally() : spoil(fault, normally);
  });
  return { ...answer, headers: { ...answer.headers, ...rateLimiter.headers() } };
}

function refusing(requestId: string, answer: () => ApiAnswer): ApiAnswer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return answerRefusal(error, requestId);
    throw error;
  }
}

// v3, and its successor, in which the product's name stands twice and the version last.
const CONVERSATIONS_PATH = /^\/conversations\/(?:v3\/conversations|conversations\/2026-09)\/(.+)$/;
const ACCOUNT_PATH = /^\/account-info\/(?:v3|2026-09)\/details$/;
const FILES_PATH = /^\/files\/(?:v3|2026-09)\/files\/([^/]+)(?:\/([^/]+))?$/;

function route(call: Call): ApiAnswer {
  const { path, method, scopes } = call;
  if (ACCOUNT_PATH.test(path)) return readAccount(call);
  const [, fileId, part] = FILES_PATH.exec(path) ?? [];
  if (fileId !== undefined) return readFileApi(call, fileId, part);
  const [kind, ...ids] = (CONVERSATIONS_PATH.exec(path)?.[1] ?? '').split('/').map(decodeSegment);
  const isBatchRead = method === 'POST' && kind === 'actors' && ids.join('/') === 'batch/read';
  if (kind !== '' && !scopes.includes('conversations.read')) throw missingScopes('conversations.read');
  if (isBatchRead) return readActors(call);
  if (kind !== '' && method !== 'GET') throw missingScopes('conversations.write');
  return readConversations(call, kind, ids) ?? answerHtml(404, 'Error 404 Not Found');
}

function readConversations(call: Call, kind: string | undefined, ids: string[]): ApiAnswer | undefined {
  const [id, list, messageId, content] = ids;
  if (kind === 'threads') {
    if (id === undefined) return listThreads(call);
    if (list === undefined) return getThread(call, id);
    if (list !== 'messages' || ids.length > 4) return undefined;
    if (messageId === undefined) return listMessages(call, id);
    if (content === undefined) return getMessage(call, id, messageId);
    return content === 'original-content' ? getOriginalContent(call, id, messageId) : undefined;
  }
  if (ids.length > 1) return undefined;
  if (kind === 'actors') return id === undefined ? undefined : getActor(call, id);
  return kind === 'inboxes' || kind === 'channels' || kind === 'channel-accounts'
    ? readDirectory(call, kind, id)
    : undefined;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a broken escape is an id that nobody has
  }
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
