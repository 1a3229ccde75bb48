import { HubSpotError } from '../errors.ts';
import { readListPage } from './answers.ts';
import { type Fetched, readFetched } from './fetched.ts';
import { type HubSpotGet } from './http.ts';
import { type ApiVersion, BASE_PATHS } from './paths.ts';

/** What HubSpot has lists of: inboxes, channels, and the accounts within the channels. */
export type PlaceKind = 'inboxes' | 'channels' | 'channel-accounts';

/** A whole list, and when its first page was given, by HubSpot's clock, milliseconds since 1970. */
export type PlaceList = { places: Fetched[]; answeredAt: number };

/** Reads a list of an account to the end of the cursor; those in HubSpot's trash are not in it. */
export type ListPlaces = (portalId: string, kind: PlaceKind) => Promise<PlaceList>;

const PAGE_SIZE = 100;

/**
 * Source: https://github.com/HubSpot/HubSpot-public-api-spec-collection, Conversations (read November 2026). A place that
 * moves between pages while they are read may come twice; it counts once.
 * @throws HubSpotError when HubSpot refuses or gives no answer, or one that is not what the API promises
 */
export function createListPlaces(get: HubSpotGet, apiVersion: ApiVersion): ListPlaces {
  return async (portalId, kind) => {
    const path = `${BASE_PATHS[apiVersion]}/${kind}`;
    const what = `${kind} of account ${portalId}`;
    const places = new Map<string, Fetched>();
    const cursors = new Set<string>();
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    for (let answeredAt: number | undefined; ;) {
      const answer = await get(portalId, `${path}?${query.toString()}`);
      answeredAt ??= answer.answeredAt;
      if (answer.text === undefined) throw new HubSpotError(`HubSpot shows no ${what}`, { status: 404 });
      const { page, cursor } = readPage(answer.text, what);
      for (const place of page) places.set(place.id, place);
      if (cursor === undefined) return { places: [...places.values()], answeredAt };
      if (cursors.has(cursor)) throw new HubSpotError(`HubSpot repeats a cursor of the ${what}`);
      cursors.add(cursor);
      query.set('after', cursor);
    }
  };
}

function readPage(text: string, what: string): { page: Fetched[]; cursor: string | undefined } {
  const { elements, cursor } = readListPage(text, what);
  return { page: elements.map((raw, i) => readFetched(raw, `${what}, results.${i}`)), cursor };
}
