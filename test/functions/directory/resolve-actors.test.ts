import { describe, expect, it } from 'vitest';
import { type ActorRecord } from '../../../functions/directory/actor-record.ts';
import { createActors } from '../../../functions/directory/resolve-actors.ts';
import { actorKey } from '../../../functions/archive/layout.ts';
import { createReadActors, type ReadActors } from '../../../functions/hubspot/actors.ts';
import { removeActor, renameActor } from '../../../local/simulated-hubspot/directory-changes.ts';
import { type SimulatedHubSpotOptions } from '../../../local/simulated-hubspot/simulated-hubspot.ts';
import { recordingStore } from '../../support/recording-store.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';

const AGENT = 'A-4110231';
const OTHER = 'A-4110457';
const DEPARTED = 'A-3000001';
const WEEK_MS = 7 * 24 * 3_600_000;

/** An account, an archive, and processes between them: each begins with nothing in mind. */
function setUp(options: SimulatedHubSpotOptions = {}) {
  const { hubspot, http, clock } = simulatedAccount(options);
  const archive = recordingStore();
  const readActors = createReadActors(http.post, 'v3');
  const startProcess = (deps: Partial<Parameters<typeof createActors>[0]> = {}) => {
    const actors = createActors({ store: archive.store, readActors, now: () => clock.ms, ...deps });
    const resolve = async (ids: readonly (string | null)[] = [], remainingMs = Infinity) => {
      actors.note(PORTAL_ID, ids);
      return actors.resolve({ requestId: 'request-1', remainingMs: () => remainingMs });
    };
    return { ...actors, resolve };
  };
  const calls = () => hubspot.log.calls.length;
  const record = (actorId: string) => JSON.parse(bodyOf(archive, actorId)) as ActorRecord;
  return { hubspot, clock, archive, readActors, startProcess, calls, record };
}

function bodyOf({ writes }: ReturnType<typeof recordingStore>, actorId: string): string {
  const key = actorKey({ portalId: PORTAL_ID, actorId });
  return writes.findLast((write) => write.key === key)?.body.toString() ?? '';
}

describe('the actors that messages name', () => {
  it('are asked for in one call and written one object each', async () => {
    const { hubspot, archive, startProcess, calls, record } = setUp();

    const outcome = await startProcess().resolve([AGENT, null, 'S-hubspot', AGENT, '']);

    expect(outcome).toEqual({ asked: 2, written: 2, failed: 0 });
    expect(calls()).toBe(1);
    expect(archive.keys()).toEqual([
      'actors/portal_id=62515/A-4110231.json',
      'actors/portal_id=62515/S-hubspot.json',
    ]);
    expect(record(AGENT)).toEqual({
      actor_id: AGENT,
      type: 'AGENT',
      name: 'Ruth Adeyemi',
      email: 'ruth.adeyemi@example.org',
      avatar: `https://avatars.example.net/${AGENT}.png`,
      raw: JSON.stringify(hubspot.world.actors.get(AGENT)!.fields),
      observed_at: '2026-02-02 12:00:00.000',
      fetched_at: '2026-02-02 12:00:00.000',
      removed_at: null,
    });
    expect(record('S-hubspot')).toMatchObject({ type: 'SYSTEM', name: null, email: null, avatar: null });
    expect(bodyOf(archive, AGENT).endsWith('}\n')).toBe(true);
    expect(archive.writes[0]).toMatchObject({
      contentType: 'application/json',
      metadata: { 'request-id': 'request-1', 'fetch-started-at': '2026-02-02 12:00:00.000' },
    });
  });

  it('are asked for a hundred at a time', async () => {
    const { startProcess, calls } = setUp();

    const outcome = await startProcess().resolve(Array.from({ length: 250 }, (_, i) => `V-${i}`));

    expect(outcome).toEqual({ asked: 250, written: 250, failed: 0 });
    expect(calls()).toBe(3);
  });

  it('cost nothing when they are named again, and a look at the archive in another process', async () => {
    const { archive, startProcess, calls, clock } = setUp();
    const first = startProcess();
    await first.resolve([AGENT, DEPARTED]);
    const reads: string[] = [];
    const { get } = archive.store;
    archive.store.get = (key) => {
      reads.push(key);
      return get(key);
    };
    clock.ms += WEEK_MS - 1;

    expect(await first.resolve([AGENT, DEPARTED])).toEqual({ asked: 0, written: 0, failed: 0 });
    expect(reads).toEqual([]);
    const second = startProcess();
    expect(await second.resolve([AGENT, DEPARTED])).toEqual({ asked: 0, written: 0, failed: 0 });
    await second.resolve([AGENT, DEPARTED]);

    expect(reads).toHaveLength(2);
    expect([calls(), archive.writes.length]).toEqual([1, 2]);
  });

  it.each(['the same process', 'another one'])('are asked for again after a week, by %s', async (which) => {
    const { hubspot, archive, startProcess, calls, clock, record } = setUp();
    const first = startProcess();
    await first.resolve([AGENT, OTHER]);
    renameActor(hubspot.world, OTHER, 'Íñigo Salas Ruiz');
    clock.ms += WEEK_MS;

    await (which === 'another one' ? startProcess() : first).resolve([AGENT, OTHER]);

    expect([calls(), archive.writes.length]).toEqual([2, 4]);
    const later = '2026-02-09 12:00:00.000';
    expect(record(AGENT)).toMatchObject({ observed_at: '2026-02-02 12:00:00.000', fetched_at: later });
    expect(record(OTHER)).toMatchObject({ name: 'Íñigo Salas Ruiz', observed_at: later, fetched_at: later });
  });

  it('are as old as their object says, and not as young as the look at it', async () => {
    const { startProcess, calls, clock } = setUp();
    await startProcess().resolve([AGENT]);
    clock.ms += WEEK_MS / 2;
    const second = startProcess();
    await second.resolve([AGENT]);
    clock.ms += WEEK_MS / 2;

    await second.resolve([AGENT]);

    expect(calls()).toBe(2);
  });
});

describe('an actor that HubSpot does not know', () => {
  it('is recorded as such, and not asked for again and again', async () => {
    const { startProcess, calls, record } = setUp();

    expect(await startProcess().resolve([DEPARTED])).toEqual({ asked: 1, written: 1, failed: 0 });
    await startProcess().resolve([DEPARTED]);

    expect(calls()).toBe(1);
    expect(record(DEPARTED)).toEqual({
      ...{ actor_id: DEPARTED, type: null, name: null, email: null, avatar: null, raw: null },
      observed_at: '2026-02-02 12:00:00.000',
      fetched_at: '2026-02-02 12:00:00.000',
      removed_at: '2026-02-02 12:00:00.000',
    });
  });

  it('stays as it was when it was known before, marked until it is known again', async () => {
    const { hubspot, startProcess, clock, record } = setUp();
    const actors = startProcess();
    await actors.resolve([AGENT]);
    const before = record(AGENT);
    const kept = hubspot.world.actors.get(AGENT)!;
    removeActor(hubspot.world, AGENT);
    for (const fetchedAt of ['2026-02-09 12:00:00.000', '2026-02-16 12:00:00.000']) {
      clock.ms += WEEK_MS;

      await actors.resolve([AGENT]);

      expect(record(AGENT)).toEqual({
        ...before,
        fetched_at: fetchedAt,
        removed_at: '2026-02-09 12:00:00.000',
      });
    }
    hubspot.world.actors.set(AGENT, kept);
    clock.ms += WEEK_MS;

    await actors.resolve([AGENT]);

    expect(record(AGENT)).toEqual({ ...before, fetched_at: '2026-02-23 12:00:00.000' });
  });
});

describe('an actor whose id is an address', () => {
  it('has a key that does not show it', async () => {
    const { hubspot, archive, startProcess, record } = setUp();
    const address = 'ana.okafor7@example.com';
    hubspot.world.actors.set(`E-${address}`, {
      id: `E-${address}`,
      fields: { id: `E-${address}`, email: address },
    });

    await startProcess().resolve([`E-${address}`]);

    expect(archive.keys()).toEqual([expect.stringMatching(/^actors\/portal_id=62515\/[0-9a-f]{64}\.json$/)]);
    expect(record(`E-${address}`)).toMatchObject({ actor_id: `E-${address}`, email: address });
  });
});

describe('actors that cannot be had', () => {
  it('fail nothing, are left alone for ten minutes, and asked for then', async () => {
    const { hubspot, archive, startProcess, calls, clock } = setUp();
    const actors = startProcess();
    hubspot.faults.next(4, { kind: 'status', status: 503 }, /batch\/read$/);

    expect(await actors.resolve([AGENT])).toEqual({
      ...{ asked: 1, written: 0, failed: 1 },
      reason: expect.stringMatching(
        /^HubSpotError: HubSpot answered 503 to POST .*batch\/read of account 62515/,
      ),
    });
    expect(calls()).toBe(4);
    clock.ms += 599_999;
    expect(await actors.resolve([OTHER])).toEqual({ asked: 0, written: 0, failed: 0 });
    clock.ms += 1;
    expect(await actors.resolve()).toEqual({ asked: 2, written: 2, failed: 0 });

    expect(archive.keys()).toHaveLength(2);
  });

  it('are kept in mind one by one when only some of them fail', async () => {
    const { startProcess, readActors, clock, archive } = setUp();
    let isFailing = true;
    const half: ReadActors = async (portalId, ids) => {
      const answer = await readActors(portalId, ids);
      if (!isFailing) return answer;
      return { ...answer, found: answer.found.filter(({ id }) => id !== OTHER), failed: [OTHER] };
    };
    const actors = startProcess({ readActors: half });

    expect(await actors.resolve([AGENT, OTHER])).toMatchObject({ asked: 2, written: 1, failed: 1 });
    isFailing = false;
    clock.ms += 600_000;
    expect(await actors.resolve([AGENT])).toEqual({ asked: 1, written: 1, failed: 0 });

    expect(archive.keys()).toHaveLength(2);
  });

  it.each(['get', 'put'] as const)('fail nothing when it is the archive that fails: %s', async (method) => {
    const { archive, startProcess, clock } = setUp();
    const actors = startProcess();
    const store = { ...archive.store };
    const failing = () => Promise.reject(new Error('about ruth.adeyemi@example.org'));
    Object.assign(archive.store, { [method]: failing });

    expect(await actors.resolve([AGENT])).toMatchObject({ written: 0, failed: 1, reason: 'Error' });
    Object.assign(archive.store, store);
    clock.ms += 600_000;

    expect(await actors.resolve()).toMatchObject({ written: 1, failed: 0 });
  });

  it('are left for another time when there is none', async () => {
    const { startProcess, calls } = setUp();
    const actors = startProcess();

    expect(await actors.resolve([AGENT], 150_000)).toEqual({ asked: 0, written: 0, failed: 0 });
    expect(calls()).toBe(0);

    expect(await actors.resolve([], 150_001)).toMatchObject({ written: 1 });
  });
});

describe('two who see to actors at once', () => {
  it('ask for each once when they share a process', async () => {
    const { startProcess, calls } = setUp();
    const actors = startProcess();
    actors.note(PORTAL_ID, [AGENT, OTHER]);

    await Promise.all([actors.resolve(), actors.resolve([AGENT])]);

    expect(calls()).toBe(1);
  });

  it('leave what the other one has written meanwhile', async () => {
    const { archive, startProcess, readActors, record } = setUp();
    const slow: ReadActors = async (...args) => {
      const answer = await readActors(...args);
      await startProcess().resolve([AGENT]);
      return { ...answer, answeredAt: START - 60_000 };
    };

    expect(await startProcess({ readActors: slow }).resolve([AGENT])).toEqual({
      asked: 1,
      written: 0,
      failed: 0,
    });

    expect(archive.writes).toHaveLength(1);
    expect(record(AGENT).fetched_at).toBe('2026-02-02 12:00:00.000');
  });
});

describe('an object of an actor that cannot be read', () => {
  it.each(['{', '{"name":"Ann"}'])('is written anew, over what was read: %s', async (text) => {
    const { archive, startProcess, record } = setUp();
    archive.overwrite(actorKey({ portalId: PORTAL_ID, actorId: AGENT }), Buffer.from(text));

    await startProcess().resolve([AGENT]);

    expect(archive.writes[0]?.condition).toHaveProperty('etag');
    expect(record(AGENT).name).toBe('Ruth Adeyemi');
  });
});

describe('the memory', () => {
  it('is bounded: what does not fit is not kept in mind', async () => {
    const { startProcess } = setUp();

    const outcome = await startProcess().resolve(Array.from({ length: 10_050 }, (_, i) => `V-${i}`));

    expect(outcome.asked).toBe(10_000);
  });
});
