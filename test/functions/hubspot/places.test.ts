import { describe, expect, it } from 'vitest';
import { createListPlaces } from '../../../functions/hubspot/places.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';

const QUIRKS = { shortPages: 0.5, emptyPages: 0.3, danglingCursors: 0.5 };
const V3 = '/conversations/v3/conversations';

/** A HubSpot as a map from path to answer; 404 for any other path. */
const hubSpot = (answers: Record<string, string>) =>
  createListPlaces((_, path) => Promise.resolve({ text: answers[path], answeredAt: 7 }), 'v3');

describe('a list of places', () => {
  it.each([
    ['inboxes', 'v3', 3],
    ['channels', '2026-09', 4],
    ['channel-accounts', 'v3', 6],
  ] as const)('%s is read to its end by %s, whatever its pages are like', async (kind, version, count) => {
    for (let seed = 1; seed <= 10; seed++) {
      const { hubspot, http } = simulatedAccount({ seed, paging: QUIRKS });

      const { places, answeredAt } = await createListPlaces(http.get, version)(PORTAL_ID, kind);

      expect(places.map(({ id }) => id)).toEqual(hubspot.world.places[kind].map(({ id }) => id));
      expect(places).toHaveLength(count);
      expect(answeredAt).toBe(START);
    }
  });

  it('has a place that comes twice once, as it came last', async () => {
    const list = hubSpot({
      [`${V3}/inboxes?limit=100`]: '{"results":[{"id":"1","n":1}],"paging":{"next":{"after":"MQ%3D%3D"}}}',
      [`${V3}/inboxes?limit=100&after=MQ%3D%3D`]: '{"results":[{"id":1,"n":2}]}',
    });

    expect((await list(PORTAL_ID, 'inboxes')).places).toEqual([
      { id: '1', fields: { id: 1, n: 2 }, raw: '{"id":1,"n":2}' },
    ]);
  });

  it.each([
    ['there is none', {}, 'HubSpot shows no inboxes of account 62515'],
    [
      'it goes round in circles',
      {
        [`${V3}/inboxes?limit=100`]: '{"results":[],"paging":{"next":{"after":"x"}}}',
        [`${V3}/inboxes?limit=100&after=x`]: '{"results":[],"paging":{"next":{"after":"x"}}}',
      },
      'repeats a cursor of the inboxes of account 62515',
    ],
    ['it is no list', { [`${V3}/inboxes?limit=100`]: '{}' }, 'departs from the API at: results'],
  ])('is refused when %s', async (_, answers, message) => {
    await expect(hubSpot(answers)(PORTAL_ID, 'inboxes')).rejects.toThrow(message);
  });
});
