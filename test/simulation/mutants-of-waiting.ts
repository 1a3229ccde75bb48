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
];
