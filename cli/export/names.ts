import * as z from 'zod';
import { actorKey, type PlaceTable, placesKey } from '../../functions/archive/layout.ts';
import { type Problem } from './output.ts';
import { type ExportSource, readWhole, type SourceObject } from './source.ts';

const text = z.string().nullish().catch(null);
const actorSchema = z.looseObject({ actor_id: z.string(), type: text, name: text, email: text });
/** What the archive says of an actor. */
export type ActorView = z.infer<typeof actorSchema>;

/** Who and what the ids of an account mean. What was looked up is kept, so that each is read once. */
export type Names = {
  /** An actor; undefined when the archive has none by that id. */
  actor: (portalId: string, actorId: string) => Promise<ActorView | undefined>;
  /** The name of an inbox or a channel. */
  place: (portalId: string, table: PlaceTable, id: string) => Promise<string | undefined>;
  /** Objects of places that were read. */
  placeObjects: SourceObject[];
  /** By account, what was read of actors: the line of each, as it is archived. */
  actorLines: Map<string, Map<string, { line: string; object: SourceObject }>>;
};

/** Names out of the directory of an archive. An object that cannot be read is a problem, and its ids stay without names. */
export function createNames(source: ExportSource, problems: Problem[]): Names {
  const actors = new Map<string, Promise<ActorView | undefined>>();
  const places = new Map<string, Promise<Map<string, string>>>();
  const names: Names = { actor, place, placeObjects: [], actorLines: new Map() };

  function actor(portalId: string, actorId: string): Promise<ActorView | undefined> {
    const key = actorKey({ portalId, actorId });
    return remember(actors, key, () => readActor(portalId, key));
  }

  async function readActor(portalId: string, key: string): Promise<ActorView | undefined> {
    const found = await readWhole(source, key);
    if (found === undefined) return undefined;
    const line = found.body.toString('utf8');
    const view = parse(actorSchema, line);
    if (view === undefined) {
      problems.push({ thread: null, message_id: null, key, problem: 'the actor cannot be read' });
      return undefined;
    }
    const lines = names.actorLines.get(portalId) ?? new Map<string, { line: string; object: SourceObject }>();
    names.actorLines.set(portalId, lines.set(key, { line, object: found.object }));
    return view;
  }

  async function place(portalId: string, table: PlaceTable, id: string): Promise<string | undefined> {
    const key = placesKey({ portalId, table });
    return (await remember(places, key, () => readPlaces(key, table))).get(id);
  }

  async function readPlaces(key: string, table: PlaceTable): Promise<Map<string, string>> {
    const found = await readWhole(source, key);
    if (found === undefined) return new Map();
    names.placeObjects.push(found.object);
    const idColumn = { inboxes: 'inbox_id', channels: 'channel_id', channel_accounts: 'channel_account_id' }[
      table
    ];
    const rows = found.body.toString('utf8').split('\n').slice(0, -1);
    const read = rows.map((line) => parse(z.looseObject({ [idColumn]: z.string(), name: z.string() }), line));
    return new Map(
      read.flatMap((row) => (row === undefined ? [] : [[String(row[idColumn]), String(row['name'])]])),
    );
  }

  return names;
}

function remember<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? read();
  known.set(key, value);
  return value;
}

function parse<T extends z.ZodType>(schema: T, line: string): z.output<T> | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
