import { describe, expect, it } from 'vitest';
import { createReadActors } from '../../../functions/hubspot/actors.ts';
import { HubSpotError } from '../../../functions/errors.ts';
import { PORTAL_ID, simulatedAccount, START } from '../../support/simulated-account.ts';

const AGENT = 'A-4110231';
const DEPARTED = 'A-3000001';

/** A HubSpot that answers each batch as it is told; every batch it was asked for is kept. */
function hubSpotAnswering(answer: (ids: string[]) => object | HubSpotError) {
  const batches: string[][] = [];
  let answeredAt = 1_000;
  const readActors = createReadActors((_portalId, _path, body) => {
    const { inputs } = body as { inputs: string[] };
    batches.push(inputs);
    const answered = answer(inputs);
    if (answered instanceof HubSpotError) return Promise.reject(answered);
    return Promise.resolve({ text: JSON.stringify(answered), answeredAt: answeredAt-- });
  }, 'v3');
  return { batches, readActors: (ids: string[]) => readActors(PORTAL_ID, ids) };
}

const actorsOf = (ids: string[]) => ({ status: 'COMPLETE', results: ids.map((id) => ({ id })) });
const refused = new HubSpotError('HubSpot answered 400', { status: 400 });
const letters = (count: number) => Array.from({ length: count }, (_, i) => `V-${i}`);

describe('a batch of actors', () => {
  it.each(['v3', '2026-09'] as const)(
    'is read with one call of %s, and says who is not known',
    async (version) => {
      const { hubspot, http } = simulatedAccount();

      const answer = await createReadActors(http.post, version)(PORTAL_ID, [AGENT, DEPARTED, 'S-hubspot']);

      const { method, path, status } = hubspot.log.calls[0]!;
      expect(hubspot.log.calls).toHaveLength(1);
      expect([method, path.split('/').slice(-3).join('/'), status]).toEqual([
        'POST',
        'actors/batch/read',
        207,
      ]);
      expect(answer).toMatchObject({ unknown: [DEPARTED], failed: [], answeredAt: START });
      expect(answer.found.map(({ id }) => id)).toEqual([AGENT, 'S-hubspot']);
      expect(answer.found[0]).toMatchObject({
        fields: { name: 'Ruth Adeyemi', type: 'AGENT' },
        raw: expect.stringMatching(/^\{"id":"A-4110231",.*"name":"Ruth Adeyemi".*\}$/),
      });
    },
  );

  it('keeps the very text of each, and nobody who was not asked for', async () => {
    const odd = '{ "id":"V-1", "level": 9007199254740993 }';
    const readActors = createReadActors(
      () => Promise.resolve({ text: `{"results":[${odd},{"id":"V-9"}]}`, answeredAt: 0 }),
      'v3',
    );

    expect((await readActors(PORTAL_ID, ['V-1'])).found).toEqual([
      { id: 'V-1', fields: { id: 'V-1', level: '9007199254740993' }, raw: odd },
    ]);
  });

  it('takes those for unknown that are named as not found, when other things went wrong as well', async () => {
    const errors = [
      { category: 'OBJECT_NOT_FOUND', context: { ids: ['V-1'] } },
      { category: 'INTERNAL_ERROR', context: { ids: ['V-2'] } },
    ];
    const { readActors } = hubSpotAnswering(() => ({ ...actorsOf(['V-0']), errors }));

    expect(await readActors(letters(4))).toMatchObject({ unknown: ['V-1'], failed: ['V-2', 'V-3'] });
  });

  it.each([0, 63, 99])(
    'that HubSpot refuses is halved until the odd id stands alone: number %i',
    async (odd) => {
      const ids = letters(100);
      const { batches, readActors } = hubSpotAnswering((asked) =>
        asked.includes(`V-${odd}`) ? refused : actorsOf(asked),
      );

      const answer = await readActors(ids);

      expect(answer.unknown).toEqual([`V-${odd}`]);
      expect(answer.found.map(({ id }) => id).toSorted()).toEqual(
        ids.filter((id) => id !== `V-${odd}`).toSorted(),
      );
      expect(batches.length).toBeLessThanOrEqual(15);
      expect(answer.answeredAt).toBeLessThan(1_000);
    },
  );

  it('that is refused whatever is in it is given up after a few calls', async () => {
    const { batches, readActors } = hubSpotAnswering(() => refused);

    await expect(readActors(letters(100))).rejects.toBe(refused);
    await expect(readActors(['V-1'])).rejects.toBe(refused);

    expect(batches.length).toBeLessThanOrEqual(14);
  });

  it.each([403, 503])('is given up at once when HubSpot answers %i', async (status) => {
    const { batches, readActors } = hubSpotAnswering(() => new HubSpotError('HubSpot answered', { status }));

    await expect(readActors(letters(100))).rejects.toMatchObject({ status });

    expect(batches).toHaveLength(1);
  });

  it.each([
    ['is not JSON', '{"results":', 'is not JSON'],
    ['has no list', '{"status":"COMPLETE"}', 'departs from the API at: results'],
    ['has an actor without an id', '{"results":[{"name":"Ann"}]}', 'results.0 departs from the API at: id'],
  ])('is refused when the answer %s, and nobody is named', async (_, text, message) => {
    const readActors = createReadActors(() => Promise.resolve({ text, answeredAt: 0 }), 'v3');

    const failure = await readActors(PORTAL_ID, ['E-ann@example.com']).catch((error: unknown) => error);

    expect(String(failure)).toContain(message);
    expect(String(failure)).not.toMatch(/ann/i);
  });

  it('is refused when HubSpot has no such address', async () => {
    const readActors = createReadActors(() => Promise.resolve({ text: undefined, answeredAt: 0 }), 'v3');

    await expect(readActors(PORTAL_ID, ['V-1'])).rejects.toMatchObject({ status: 404 });
  });
});
