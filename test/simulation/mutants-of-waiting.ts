import { type Mutant } from './mutants.ts';

/** What keeps HubSpot's limits, and the queue's tries, each taken away. */
export const MUTANTS_OF_WAITING: Mutant[] = [
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
    invariant: 7,
    name: 'nobody pauses after a 429',
    variant: { pacer: (pacer) => ({ ...pacer, pause: () => undefined }) },
  },
  {
    invariant: 7,
    name: 'the time that HubSpot asks for is not read',
    variant: { fetch: changeAnswers({ header: (name, value) => (name === 'retry-after' ? null : value) }) },
  },
  {
    invariant: 7,
    name: 'a used-up day is taken for ten busy seconds',
    kind: 'quota',
    variant: { fetch: changeAnswers({ text: (text) => text.replace('DAILY', 'TEN_SECONDLY_ROLLING') }) },
  },
  {
    invariant: 7,
    name: 'it is forgotten from call to call that HubSpot is down',
    kind: 'outage',
    variant: { makeGet: (makeGet) => () => (portalId, path) => makeGet()(portalId, path) },
  },
  {
    invariant: 7,
    name: 'a token that is refused is not read again',
    kind: 'token',
    variant: { accessTokens: (accessTokens) => () => accessTokens() },
  },
  {
    invariant: 7,
    name: 'waiting for HubSpot spends tries',
    kind: 'quota',
    variant: {
      archiveBatch: (archive) => async (deps, records) => {
        const verdicts = await archive(deps, records);
        return verdicts.map((verdict) => {
          if (verdict.result !== 'again') return verdict;
          const { requeue: _, ...again } = verdict;
          return again;
        });
      },
    },
  },
  {
    invariant: 1,
    name: 'what waits forgets the messages that it names',
    variant: {
      archiveBatch: (archive) => async (deps, records) => {
        const verdicts = await archive(deps, records);
        return verdicts.map((verdict) =>
          verdict.result === 'again' && verdict.requeue !== undefined
            ? { ...verdict, requeue: { ...verdict.requeue, messageIds: [] } }
            : verdict,
        );
      },
    },
  },
];

type Fetch = typeof globalThis.fetch;
type Change = {
  header?: (name: string, value: string | null) => string | null;
  text?: (text: string) => string;
};

/** A HubSpot whose answers are read otherwise than they are. */
function changeAnswers({
  header = (_, value) => value,
  text = (same) => same,
}: Change): (fetch: Fetch) => Fetch {
  return (fetch) => async (url, init) => {
    const response = await fetch(url, init);
    const read: Partial<Headers> = { get: (name) => header(name, response.headers.get(name)) };
    const changed: Partial<Response> = {
      status: response.status,
      ok: response.ok,
      headers: read as Headers,
      text: async () => text(await response.text()),
    };
    return changed as Response;
  };
}
