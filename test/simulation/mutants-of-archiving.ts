import { ConflictError, HubSpotError, StoreError } from '../../functions/errors.ts';
import { type FetchedMessage } from '../../functions/hubspot/conversations.ts';
import { changeRecords, isPart, type Mutant, overwrite, withoutNotes } from './mutants.ts';

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
  {
    invariant: 1,
    name: 'only the first thread of a webhook is queued',
    variant: { sendThreads: (send) => (threads) => send(threads.slice(0, 1)) },
  },
  {
    invariant: 1,
    name: 'only the first message of a webhook is looked for',
    variant: {
      sendThreads: (send) => (threads) =>
        send(threads.map((thread) => ({ ...thread, messageIds: thread.messageIds.slice(0, 1) }))),
    },
  },
  {
    invariant: 1,
    name: 'a message that an event names is not looked for',
    variant: {
      captureThread: (capture) => (request) =>
        capture({ ...request, announced: { ...request.announced, messageIds: [] } }),
    },
  },
  {
    invariant: 1,
    name: 'a message that was looked for in vain is not noted',
    variant: changeRecords(() => ({ unseen_message_ids: [] })),
  },
  {
    invariant: 1,
    name: 'HubSpot is given no time to settle',
    variant: {
      captureThread:
        (capture, { settlingMs }) =>
        ({ announced, ...request }) =>
          capture({
            ...request,
            announced: { ...announced, occurredAt: announced.occurredAt - settlingMs },
          }),
    },
  },
  {
    invariant: 1,
    name: 'a fetch that found no thread covers an event',
    variant: {
      store: (store) => ({
        ...store,
        async get(key) {
          const object = await store.get(key);
          if (object === undefined || isPart(key)) return object;
          const record = JSON.parse(object.body.toString()) as object;
          return { ...object, body: Buffer.from(JSON.stringify({ ...record, deleted_at: null })) };
        },
      }),
    },
  },
  {
    invariant: 1,
    name: 'an empty page ends the history',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          for await (const page of conversations.listMessagePages(...args)) {
            if (page.messages.length === 0) return;
            yield page;
          }
        },
      }),
    },
  },
  {
    invariant: 2,
    name: 'a repeated cursor ends the history',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          try {
            yield* conversations.listMessagePages(...args);
          } catch (error) {
            if (!(error as Error).message.includes('repeats a cursor')) throw error;
          }
        },
      }),
    },
  },
  {
    invariant: 2,
    name: 'what HubSpot stops returning is not missed',
    variant: {
      conversations(conversations) {
        const seen = new Map<string, FetchedMessage>();
        return {
          ...conversations,
          async *listMessagePages(id, options) {
            const missing = new Map([...seen].filter(([key]) => key.startsWith(id.threadId)));
            for await (const page of conversations.listMessagePages(id, options)) {
              for (const message of page.messages) {
                seen.set(`${id.threadId} ${message.id}`, message);
                missing.delete(`${id.threadId} ${message.id}`);
              }
              yield page;
            }
            yield { messages: [...missing.values()], next: undefined };
          },
        };
      },
    },
  },
  {
    invariant: 3,
    name: "HubSpot's own time of change decides nothing",
    kind: 'overlap',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async *listMessagePages(...args) {
          for await (const page of conversations.listMessagePages(...args)) {
            const messages = page.messages.map((message) => ({
              ...message,
              fields: { ...message.fields, updatedAt: null },
            }));
            yield { ...page, messages };
          }
        },
      }),
    },
  },
  {
    invariant: 5,
    name: 'a fetch that somebody tried before is spared',
    kind: 'overlap',
    variant: {
      captureThread: (capture) => (request) =>
        capture({ ...request, announced: { ...request.announced, firstTry: true } }),
    },
  },
  {
    invariant: 5,
    name: 'who loses the last write does not fetch again',
    kind: 'overlap',
    variant: {
      store: (store) => ({
        ...store,
        put: (request) =>
          store.put(request).catch((error: unknown) => {
            if (isPart(request.key) || !(error instanceof ConflictError)) throw error;
            return { etag: 'lost', versionId: null };
          }),
      }),
    },
  },
  {
    invariant: 3,
    name: 'a thread in the trash is not asked for',
    variant: {
      conversations: (conversations) => ({
        ...conversations,
        async getThread(id) {
          const { found, answeredAt } = await conversations.getThread(id);
          return { found: found?.thread.archived === true ? undefined : found, answeredAt };
        },
      }),
    },
  },
  {
    invariant: 3,
    name: 'a thread in the trash is not marked',
    variant: changeRecords(() => ({ deleted_at: null })),
  },
  {
    invariant: 5,
    name: 'the record leaves out a part',
    variant: changeRecords(({ parts }) => ({ parts: parts.slice(0, 1) })),
  },
];
