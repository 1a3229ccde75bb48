import { ConflictError, HubSpotError } from '../../functions/errors.ts';
import { changeRecords, isPart, type Mutant, overwrite } from './mutants.ts';

/** What keeps the archive complete and true, each taken away. */
export const MUTANTS_OF_ARCHIVING: Mutant[] = [
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
    invariant: 9,
    name: 'an error quotes the message that it is about',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          for await (const page of conversations.listMessagePages(...args)) {
            const edited = page.find(({ raw }) => raw.includes('edit'));
            if (edited !== undefined) throw new HubSpotError(`cannot read ${edited.raw}`);
            yield page;
          }
        },
      }),
    },
  },
  {
    invariant: 9,
    name: 'an error of the store is passed on as it is',
    variant: {
      captureThread: (capture) => (request) =>
        capture(request).catch((error: unknown) => {
          throw error instanceof HubSpotError ? error : new ConflictError((error as Error).message);
        }),
    },
  },
];
