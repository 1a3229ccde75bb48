import * as z from 'zod/mini';
import { HubSpotError } from '../errors.ts';
import { checkAnswer, parseList } from './answers.ts';
import { type Fetched, readFetched } from './fetched.ts';
import { type HubSpotPost } from './http.ts';
import { type ApiVersion, BASE_PATHS } from './paths.ts';

/** What HubSpot says of some actors. Each id that was asked for stands in one of the three lists. */
export type ActorsAnswer = {
  found: Fetched[];
  /** Ids that HubSpot does not know, or refuses as no id of an actor. */
  unknown: string[];
  /** Ids that HubSpot could not read this time. */
  failed: string[];
  /** When, by HubSpot's clock, milliseconds since 1970. */
  answeredAt: number;
};

/** Asks HubSpot for actors of an account. */
export type ReadActors = (portalId: string, ids: readonly string[]) => Promise<ActorsAnswer>;

/** How many are asked for at once: what HubSpot's other batch endpoints take; this one names no limit. */
export const MAX_ACTORS = 100;

/**
 * One call for up to {@link MAX_ACTORS} actors, paced and repeated as every call is. A batch that HubSpot refuses (400) is
 * halved until the id that it stumbles over stands alone, so that one odd id hides no other.
 * Source: https://github.com/HubSpot/HubSpot-public-api-spec-collection, Conversations, `POST actors/batch/read`
 * (read November 2026).
 * @throws HubSpotError when HubSpot gives no answer, or one that is not what the API promises
 */
export function createReadActors(post: HubSpotPost, apiVersion: ApiVersion): ReadActors {
  const path = `${BASE_PATHS[apiVersion]}/actors/batch/read`;

  async function readBatch(portalId: string, ids: readonly string[]): Promise<ActorsAnswer> {
    const { text, answeredAt } = await post(portalId, path, { inputs: ids });
    if (text === undefined)
      throw new HubSpotError(`HubSpot has no ${path} for account ${portalId}`, { status: 404 });
    return { ...readAnswer(text, ids, `actors of account ${portalId}`), answeredAt };
  }

  return (portalId, ids) => readHalves((batch) => readBatch(portalId, batch), ids);
}

// Halving a hundred down to one takes eight refusals. Many more, without an answer between them, are not about an id.
const MAX_REFUSALS = 12;

async function readHalves(
  readBatch: (ids: readonly string[]) => Promise<ActorsAnswer>,
  ids: readonly string[],
): Promise<ActorsAnswer> {
  const answers: ActorsAnswer[] = [];
  const refused: string[] = [];
  const batches = [ids];
  let refusals = 0;
  for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
    try {
      answers.push(await readBatch(batch));
    } catch (error) {
      refusals++;
      const half = Math.ceil(batch.length / 2);
      if (batch.length === 1) refused.push(...batch);
      else batches.push(batch.slice(half), batch.slice(0, half));
      const isAboutAnId = answers.length > 0 || (refusals <= MAX_REFUSALS && batches.length > 0);
      if (!(error instanceof HubSpotError) || error.status !== 400 || !isAboutAnId) throw error;
    }
  }
  return {
    found: answers.flatMap((answer) => answer.found),
    unknown: [...answers.flatMap((answer) => answer.unknown), ...refused],
    failed: answers.flatMap((answer) => answer.failed),
    answeredAt: Math.min(...answers.map((answer) => answer.answeredAt)),
  };
}

// 200 when it has them all, 207 when it has not; then `errors` says what became of the others.
const restSchema = z.looseObject({
  results: z.array(z.unknown()),
  errors: z.nullish(
    z.array(
      z.looseObject({
        category: z.optional(z.string()),
        context: z.nullish(z.looseObject({ ids: z.optional(z.array(z.string())) })),
      }),
    ),
  ),
});

type Sorted = Pick<ActorsAnswer, 'found' | 'unknown' | 'failed'>;

function readAnswer(text: string, ids: readonly string[], what: string): Sorted {
  const { rest, elements } = parseList(text, what);
  const { errors } = checkAnswer(restSchema, rest, what);
  const asked = new Set(ids);
  const found = elements
    .map((raw, i) => readFetched(raw, `${what}, results.${i}`))
    .filter(({ id }) => asked.has(id));
  for (const { id } of found) asked.delete(id);
  const others = (errors ?? []).filter(({ category }) => category !== 'OBJECT_NOT_FOUND');
  const named = new Set(
    (errors ?? []).flatMap((error) => (others.includes(error) ? [] : (error.context?.ids ?? []))),
  );
  // Where something else went wrong too, only what is named as not found is known to be unknown.
  const unknown = [...asked].filter((id) => others.length === 0 || named.has(id));
  return { found, unknown, failed: [...asked].filter((id) => !unknown.includes(id)) };
}
