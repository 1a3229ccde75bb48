import * as z from 'zod';
import { type Listed } from './account.ts';
import { answerJson, type ApiAnswer, invalidRequest, notFound } from './answers.ts';
import { type Call } from './call.ts';
import { type JsonObject, writeJson } from './json-text.ts';
import { isoInstant } from './message-json.ts';
import { cutPage, readCursor, writeCursor, writePage } from './paging.ts';
import { readArchived, readLimit } from './query.ts';

const LIMIT = { byDefault: 100, max: 500 };
// What HubSpot's other batch endpoints allow; this one documents no maximum.
const MAX_BATCH = 100;

/** `GET inboxes`, `GET channels`, `GET channel-accounts`, and each of them by id. Their lists have a `total`. */
export function readDirectory(
  call: Call,
  kind: 'inboxes' | 'channels' | 'channel-accounts',
  id?: string,
): ApiAnswer {
  const items = kind === 'channel-accounts' ? filterAccounts(call) : call.world.places[kind];
  if (id === undefined) return list(call, kind, readArchived(call.query) ? [] : items);
  const item = items.find((candidate) => candidate.id === id);
  if (item === undefined) throw notFound(kind, id);
  return answerJson(writeJson(item.fields));
}

/** `GET actors/{actorId}` */
export function getActor({ world }: Call, actorId: string): ApiAnswer {
  const actor = world.actors.get(actorId);
  if (actor === undefined) throw notFound('actor', actorId);
  return answerJson(writeJson(actor.fields));
}

const batchSchema = z.object({ inputs: z.array(z.string()).max(MAX_BATCH) });

/** `POST actors/batch/read`: 200, or 207 with an error for each id that nobody has. */
export function readActors({ world, body }: Call): ApiAnswer {
  const batch = batchSchema.safeParse(parseJson(body));
  if (!batch.success) throw invalidRequest(`inputs must be a list of at most ${MAX_BATCH} actor ids`);
  const inputs = [...new Set(batch.data.inputs)];
  const results = inputs.map((id) => world.actors.get(id)?.fields).filter((fields) => fields !== undefined);
  const unknown = inputs.filter((id) => !world.actors.has(id));
  const at = isoInstant(world.now());
  const answer: JsonObject = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
  if (unknown.length === 0) return answerJson(writeJson(answer));
  const message = 'Could not get some actors, they may not exist or be deleted';
  const context = { ids: unknown };
  const errors = [{ status: 'error', category: 'OBJECT_NOT_FOUND', message, context, errors: [], links: {} }];
  return answerJson(writeJson({ ...answer, numErrors: unknown.length, errors }), 207);
}

/** `GET /account-info/…/details`: the account behind the token, and its time zone, in which the day of the limits begins. */
export function readAccount({ world, timeZone }: Call): ApiAnswer {
  const offsetMinutes = offsetOf(timeZone, world.now());
  const sign = offsetMinutes < 0 ? '-' : '+';
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  return answerJson(
    writeJson({
      portalId: world.portalId,
      accountType: 'STANDARD',
      timeZone,
      companyCurrency: 'EUR',
      additionalCurrencies: [],
      utcOffset: `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`,
      utcOffsetMilliseconds: offsetMinutes * 60_000,
      uiDomain: 'app.hubspot.com',
      dataHostingLocation: 'eu1',
    }),
  );
}

function list(call: Call, kind: string, items: readonly Listed[]): ApiAnswer {
  const { query, path } = call;
  const limit = readLimit(query, LIMIT);
  const start = readCursor(query, kind);
  const from = Number(start?.position ?? 0);
  const { count, next } = cutPage(call, {
    list: kind,
    start,
    remaining: Math.max(0, items.length - from),
    limit,
  });
  const position = String(from + count);
  const after = next === 'none' ? undefined : writeCursor(kind, { position, emptied: next === 'same place' });
  const texts = items.slice(from, from + count).map(({ fields }) => writeJson(fields));
  return answerJson(writePage(texts, { path, query, after, total: items.length }));
}

function filterAccounts({ query, world }: Call): readonly Listed[] {
  const [inboxIds, channelIds] = [query.getAll('inboxId'), query.getAll('channelId')];
  return world.places['channel-accounts'].filter(
    ({ inboxId, channelId }) =>
      (inboxIds.length === 0 || inboxIds.includes(inboxId)) &&
      (channelIds.length === 0 || channelIds.includes(channelId)),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('Invalid input JSON');
  }
}

/** A time zone's distance from UTC in minutes at an instant, east positive. */
function offsetOf(timeZone: string, at: number): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name ?? '') ?? [];
  if (hours === undefined || minutes === undefined) return 0; // "GMT" alone is UTC
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}
