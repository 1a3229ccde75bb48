import { describe, expect, it } from 'vitest';
import { type ObjectStore } from '../../../functions/archive/store.ts';
import { ConflictError } from '../../../functions/errors.ts';
import { compareWithHubSpot, isComplete } from '../../../local/demo/compare.ts';
import { contentsSetUp } from '../../support/contents.ts';

const CUT = { truncationStatus: 'TRUNCATED' };
type SetUp = Awaited<ReturnType<typeof contentsSetUp>>;

/** Two days with originals and files. */
function fill(set: SetUp): void {
  set.say(1, CUT);
  set.say(1, { attachments: [set.file('141'), set.file('142')] });
  set.say(2, { ...CUT, attachments: [set.file('143')] });
}

/** Lets everything outside be reached so many times; the call after that, or its answer, is lost, and so is all that follows. */
function dieAfter(set: SetUp, calls: number, when: 'before' | 'after') {
  const { store } = set.archive;
  const whole = { ...store };
  let made = 0;
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    const number = ++made;
    if (number > calls && (when === 'before' || number > calls + 1)) throw new Error('killed');
    const answer = await call();
    if (number > calls) throw new Error('killed');
    return answer;
  };
  store.get = (key) => guarded(() => whole.get(key));
  store.put = (request) => guarded(() => whole.put(request));
  store.putFile = (request) => guarded(() => whole.putFile(request));
  store.describe = (key) => guarded(() => whole.describe(key));
  set.state.fetch = (...call) => guarded(() => fetch(...call));
  return {
    isOver: () => made <= calls,
    revive: (): void => {
      Object.assign(store, whole satisfies ObjectStore);
      set.state.fetch = fetch;
    },
  };
}

describe('a capture that dies', () => {
  it.each(['before', 'after'] as const)(
    'between any two calls, %s one takes effect, is made up for by the next one',
    async (when) => {
      let over = false;
      for (let calls = 0; !over; calls++) {
        await using set = await contentsSetUp();
        fill(set);
        const death = dieAfter(set, calls, when);
        await set.capture().catch(() => undefined);
        over = death.isOver();
        death.revive();
        const files = set.archive.keys().filter((key) => key.startsWith('attachments/'));
        const downloaded = files.map((key) => `download ${key.split('/')[4] ?? ''}`);
        set.takeCalls();

        const { status } = await set.capture();

        const comparison = await compareWithHubSpot(set.archive.store, set.world);
        expect({ calls, status, ...comparison.counts }).toMatchObject({
          status: 'archived',
          originals: 2,
          files: 3,
        });
        expect(isComplete(comparison), `after ${calls} calls`).toBe(true);
        expect(set.record()).toMatchObject({ complete: true, gaps: [] });
        // What is in the archive is not downloaded again.
        expect(set.takeCalls().filter((call) => downloaded.includes(call))).toEqual([]);
        expect(set.api.temporaryFiles()).toEqual([]);
      }
    },
  );
});

describe('a part that somebody else has written meanwhile', () => {
  it('is merged anew without a call more', async () => {
    await using set = await contentsSetUp();
    fill(set);
    const { store } = set.archive;
    const { put } = store;
    let conflicts = 0;
    store.put = (request) => {
      if (request.key.startsWith('messages/') && conflicts++ < 4) throw new ConflictError('lost');
      return put(request);
    };

    await set.capture();

    expect(conflicts).toBeGreaterThan(4);
    const calls = set.takeCalls();
    expect(new Set(calls.filter((call) => call !== 'list')).size).toBe(2 + 3 * 2);
    expect(calls).toHaveLength(2 + 2 + 3 * 2);
    expect(isComplete(await compareWithHubSpot(store, set.world))).toBe(true);
  });
});

describe('two workers at once', () => {
  it('archive each file once and end with the same', async () => {
    await using set = await contentsSetUp();
    fill(set);

    await Promise.all([set.capture({ requestId: 'one' }), set.capture({ requestId: 'other' })]);

    expect(isComplete(await compareWithHubSpot(set.archive.store, set.world))).toBe(true);
    const files = set.archive.writes.filter((write) => write.key.startsWith('attachments/'));
    expect(files).toHaveLength(3);
    expect(set.record().gaps).toEqual([]);
  });
});

describe('a file that cannot be told from another worker’s', () => {
  it('is promised for the next capture', async () => {
    await using set = await contentsSetUp();
    const message = set.say(1, { attachments: [set.file('141')] });
    const { store } = set.archive;
    const { putFile } = store;
    // 409: another conditional write of the key is under way, and nothing is there yet.
    store.putFile = () => Promise.reject(new ConflictError('under way'));

    await expect(set.capture()).rejects.toThrow(ConflictError);

    expect(set.record().gaps).toMatchObject([{ reason: 'not yet' }]);
    store.putFile = putFile;
    await set.capture();
    expect(set.row(message).attachments[0]?.bytes).toBe(500);
  });
});
