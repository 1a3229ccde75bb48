import pMap from 'p-map';
import { actorKey } from '../archive/layout.ts';
import { type ObjectStore } from '../archive/store.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { safeReason } from '../errors.ts';
import { type ActorsAnswer, MAX_ACTORS, type ReadActors } from '../hubspot/actors.ts';
import { type ActorRecord, type KnownActor, readActorRecord, renewRecord } from './actor-record.ts';
import { putUnlessChanged } from './put-unless-changed.ts';

/** What {@link Actors.resolve} did. Numbers of actor ids. */
export type ResolveOutcome = {
  /** Asked of HubSpot. */
  asked: number;
  /** Objects written. */
  written: number;
  /** Left for another time because something failed. */
  failed: number;
  /** Why the last of them did: ids of accounts and statuses, never of actors, which may be addresses. */
  reason?: string;
};

/** The actors that threads and messages name, brought into the archive beside them. */
export type Actors = {
  /** Keeps ids in mind that are not known to be in the archive. Takes no time, does nothing else. */
  note: (portalId: string, actorIds: readonly (string | null)[]) => void;
  /**
   * Sees to those kept in mind: reads their objects, asks HubSpot for those that are missing or older than a week, writes
   * what it says. Never throws: what fails is kept in mind, and the account's actors are left alone for ten minutes.
   */
  resolve: (run: { requestId: string; remainingMs: () => number }) => Promise<ResolveOutcome>;
};

/** What it works with. */
export type ActorsDeps = {
  store: ObjectStore;
  readActors: ReadActors;
  /** Milliseconds since 1970. */
  now: () => number;
};

// A name or address seldom changes, and a week costs an actor who is at work 52 small writes a year.
const FRESH_MS = 7 * 24 * 3_600_000;
// Threads must not wait for actors: while HubSpot does not give them, one call in this time is all they lose.
const LEFT_ALONE_MS = 600_000;
// The most that a call may take, with all its repetitions and waits (see http.ts), and some more to write.
const RESERVE_MS = 150_000;
// Bounds of the memory: an id that does not fit is asked about again, or named again.
const MAX_FRESH = 20_000;
const MAX_PENDING = 10_000;
const CONCURRENT_OBJECTS = 8;

type Portal = {
  /** Until when an id needs no look, in milliseconds since 1970. */
  freshUntil: Map<string, number>;
  pending: Set<string>;
  leftAloneUntil: number;
};

/** Nothing in mind yet. One for each process: what it has seen to, it does not look up again. */
export function createActors(deps: ActorsDeps): Actors {
  const { now } = deps;
  const portals = new Map<string, Portal>();

  function note(portalId: string, actorIds: readonly (string | null)[]): void {
    const portal = portals.get(portalId) ?? { freshUntil: new Map(), pending: new Set(), leftAloneUntil: 0 };
    portals.set(portalId, portal);
    for (const id of actorIds) {
      if (id === null || id === '' || portal.pending.size >= MAX_PENDING) continue;
      if ((portal.freshUntil.get(id) ?? 0) <= now()) portal.pending.add(id);
    }
  }

  async function resolve({
    requestId,
    remainingMs,
  }: Parameters<Actors['resolve']>[0]): Promise<ResolveOutcome> {
    const outcome: ResolveOutcome = { asked: 0, written: 0, failed: 0 };
    for (const [portalId, portal] of portals) {
      while (portal.pending.size > 0 && portal.leftAloneUntil <= now() && remainingMs() > RESERVE_MS) {
        const ids = takeSome(portal, now() + FRESH_MS);
        const failed = await resolveSome(deps, { portalId, portal, ids, requestId }, outcome);
        if (failed.length === 0) continue;
        outcome.failed += failed.length;
        portal.leftAloneUntil = now() + LEFT_ALONE_MS;
        for (const id of failed) portal.freshUntil.delete(id);
        note(portalId, failed);
      }
    }
    return outcome;
  }

  return { note, resolve };
}

/** Takes ids out of those to be seen to. They count as fresh at once, so that nobody else takes them too. */
function takeSome({ pending, freshUntil }: Portal, until: number): string[] {
  const ids = [...pending].slice(0, MAX_ACTORS);
  for (const id of ids) {
    pending.delete(id);
    freshUntil.delete(id);
    freshUntil.set(id, until);
  }
  for (const oldest of freshUntil.keys()) {
    if (freshUntil.size <= MAX_FRESH) break;
    freshUntil.delete(oldest);
  }
  return ids;
}

type Some = { portalId: string; portal: Portal; ids: readonly string[]; requestId: string };

/** Gives the ids that have to be seen to again. */
async function resolveSome(
  deps: ActorsDeps,
  some: Some,
  outcome: ResolveOutcome,
): Promise<readonly string[]> {
  const { portalId, portal, ids } = some;
  try {
    const known = await readKnown(deps.store, some);
    const stale = ids.filter((id) => {
      const until = freshUntil(known.get(id)?.record);
      if (until > deps.now()) portal.freshUntil.set(id, until);
      return until <= deps.now();
    });
    if (stale.length === 0) return [];
    outcome.asked += stale.length;
    const answer = await deps.readActors(portalId, stale);
    outcome.written += await writeRecords(deps.store, some, { known, answer });
    if (answer.failed.length > 0) outcome.reason = 'HubSpot could not read them';
    return answer.failed;
  } catch (error) {
    outcome.reason = safeReason(error);
    return ids;
  }
}

type Known = ReadonlyMap<string, KnownActor | undefined>;

async function readKnown(store: ObjectStore, { portalId, ids }: Some): Promise<Known> {
  const read = async (actorId: string) =>
    [actorId, await readActorRecord(store, { portalId, actorId })] as const;
  return new Map(await pMap(ids, read, { concurrency: CONCURRENT_OBJECTS }));
}

function freshUntil(record: ActorRecord | undefined): number {
  return record === undefined ? 0 : timestampMs(record.fetched_at) + FRESH_MS;
}

/** Gives how many objects it wrote. */
async function writeRecords(
  store: ObjectStore,
  { portalId, requestId }: Some,
  { known, answer: { found, unknown, answeredAt: answeredAtMs } }: { known: Known; answer: ActorsAnswer },
): Promise<number> {
  const answeredAt = sqlTimestamp(new Date(answeredAtMs));
  const actors = new Map(found.map((actor) => [actor.id, actor]));
  const write = (actorId: string) => {
    const before = known.get(actorId);
    const record = renewRecord(actorId, { before: before?.record, found: actors.get(actorId), answeredAt });
    return putUnlessChanged(store, {
      key: actorKey({ portalId, actorId }),
      body: Buffer.from(`${JSON.stringify(record)}\n`),
      contentType: 'application/json',
      etag: before?.etag,
      requestId,
      answeredAt,
    });
  };
  const written = await pMap([...actors.keys(), ...unknown], write, { concurrency: CONCURRENT_OBJECTS });
  return written.filter(Boolean).length;
}
