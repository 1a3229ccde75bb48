import './real-work.ts';
import { describe, expect, test } from 'vitest';
import { type ObjectStore, type PutRequest } from '../../functions/archive/store.ts';
import { ConflictError, HubSpotError, StoreError } from '../../functions/errors.ts';
import { drawPlan, type Plan } from './plan.ts';
import { type Variant } from './process.ts';
import { simulate } from './simulate.ts';

/**
 * That the simulation can fail: each variant takes something away that an invariant rests on, through the seams that the
 * product has, and the search must find it.
 */

const isPart = (key: string) => key.startsWith('messages/');

/** Writes whatever is there. */
async function overwrite(store: ObjectStore, request: PutRequest): ReturnType<ObjectStore['put']> {
  for (;;) {
    const current = await store.get(request.key);
    const condition = current === undefined ? ({ absent: true } as const) : { etag: current.etag };
    try {
      return await store.put({ ...request, condition });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** Leaves out the writes of the record that come before the last one of a fetch. */
function withoutNotes(store: ObjectStore): ObjectStore {
  const NOTHING = 'nothing there yet';
  return {
    ...store,
    put(request) {
      const { condition } = request;
      const etag = 'etag' in condition ? condition.etag : NOTHING;
      const isNote = !isPart(request.key) && request.body.toString().includes('"checkpoint":"{\\"newDays');
      if (isNote) return Promise.resolve({ etag, versionId: 'none' });
      return store.put({ ...request, condition: etag === NOTHING ? { absent: true } : { etag } });
    },
  };
}

const MUTANTS: { invariant: number; name: string; variant: Variant }[] = [
  {
    invariant: 1,
    name: 'a webhook is acknowledged although the queue refused it',
    variant: { sendThreads: (send) => (threads) => send(threads).catch(() => undefined) },
  },
  {
    invariant: 1,
    name: 'a message that HubSpot does not show yet is not waited for',
    variant: {
      captureThread: (capture) => async (request) => ({ ...(await capture(request)), unseenMessageIds: [] }),
    },
  },
  {
    invariant: 1,
    name: 'only the first page is read',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          for await (const page of conversations.listMessagePages(...args)) {
            yield page;
            return;
          }
        },
      }),
    },
  },
  {
    invariant: 2,
    name: 'a part is replaced by what was fetched',
    variant: {
      store: (store) => ({
        ...store,
        get: (key) => (isPart(key) ? Promise.resolve(undefined) : store.get(key)),
        put: (request) => (isPart(request.key) ? overwrite(store, request) : store.put(request)),
      }),
    },
  },
  {
    invariant: 2,
    name: 'a part is written over what another worker wrote',
    variant: {
      store: (store) => ({
        ...store,
        put: (request) => (isPart(request.key) ? overwrite(store, request) : store.put(request)),
      }),
    },
  },
  {
    invariant: 3,
    name: 'a record is written over what another worker wrote',
    variant: {
      store: (store) => ({
        ...store,
        put: (request) => (isPart(request.key) ? store.put(request) : overwrite(store, request)),
      }),
    },
  },
  {
    invariant: 3,
    name: 'fetches are timed by the clock of the worker',
    variant: {
      conversations: (conversations, { now }) => ({
        ...conversations,
        getThread: async (id) => ({ ...(await conversations.getThread(id)), answeredAt: now() }),
      }),
    },
  },
  {
    invariant: 4,
    name: 'a write is repeated for good measure',
    variant: {
      store: (store) => ({
        ...store,
        put: async (request) => {
          const { etag } = await store.put(request);
          return store.put({ ...request, condition: { etag } });
        },
      }),
    },
  },
  {
    invariant: 5,
    name: 'parts are written some time after they were said to be',
    variant: {
      store: (store, { sleep }) => ({
        ...store,
        put: (request) => {
          if (!isPart(request.key)) return store.put(request);
          void sleep(2_000).then(() => store.put(request).catch(() => undefined));
          return Promise.resolve({ etag: 'soon', versionId: 'soon' });
        },
      }),
    },
  },
  {
    invariant: 5,
    name: 'new days are not noted before their first part',
    variant: { store: withoutNotes },
  },
  {
    invariant: 2,
    name: 'what an invocation had time for is taken for the whole history',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          const [, { from }] = args;
          // The rest of the history is said to be empty.
          if (from === undefined) yield* conversations.listMessagePages(...args);
          else yield { messages: [], next: undefined };
        },
      }),
    },
  },
  {
    invariant: 6,
    name: 'a thread that HubSpot refuses is taken for done',
    variant: {
      captureThread: (capture) => (request) =>
        capture(request).catch((error: unknown) => {
          if (!(error instanceof HubSpotError) || error.status !== 400) throw error;
          return { status: 'archived', messages: 0, pages: 0, partsWritten: 0, unseenMessageIds: [] };
        }),
    },
  },
  {
    invariant: 6,
    name: 'a batch fails when one of its threads does',
    variant: {
      archiveBatch: (archive) => async (deps, records) => {
        const verdicts = await archive(deps, records);
        if (verdicts.some(({ result }) => result === 'again')) throw new Error('the whole batch');
        return verdicts;
      },
    },
  },
  {
    invariant: 7,
    name: 'calls are not paced',
    variant: { pacer: (pacer) => ({ ...pacer, turn: () => Promise.resolve() }) },
  },
  {
    invariant: 7,
    name: 'a refused call is made again at once',
    variant: {
      fetch: (fetch) => async (url, init) => {
        for (let attempt = 0; attempt < 30; attempt++) {
          const response = await fetch(url, init);
          if (response.status !== 429) return response;
        }
        return fetch(url, init);
      },
    },
  },
  {
    invariant: 9,
    name: 'an error quotes the message that it is about',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          for await (const page of conversations.listMessagePages(...args)) {
            const edited = page.messages.find(({ raw }) => raw.includes('edit'));
            if (edited !== undefined) throw new HubSpotError(`cannot read ${edited.raw}`);
            yield page;
          }
        },
      }),
    },
  },
  {
    invariant: 9,
    name: 'an error of the store quotes what S3 said',
    variant: {
      captureThread: (capture) => (request) =>
        capture(request).catch((error: unknown) => {
          throw error instanceof StoreError ? new StoreError(String(error.cause)) : error;
        }),
    },
  },
];

const MOST_SCHEDULES = 600;
const TIME_LIMIT_MS = 120_000;

async function breaks(plan: Plan, variant: Variant): Promise<Set<number>> {
  return new Set((await simulate(plan, variant)).violations.map(({ invariant }) => invariant));
}

describe.each(MUTANTS)('when $name', ({ invariant, variant }) => {
  test(
    `the simulation finds that invariant ${invariant} is broken`,
    async () => {
      let found = 0;
      for (let n = 1; n <= MOST_SCHEDULES && found === 0; n++) {
        const plan = drawPlan(`mutants/${n}`);
        // What the product itself does not keep in this schedule proves nothing of the variant.
        if ((await breaks(plan, variant)).has(invariant) && !(await breaks(plan, {})).has(invariant))
          found = n;
      }

      if (process.env['SIMULATION_VERBOSE'] !== undefined)
        process.stdout.write(`found by schedule ${found}\n`);
      expect(found).toBeGreaterThan(0);
    },
    TIME_LIMIT_MS,
  );
});
