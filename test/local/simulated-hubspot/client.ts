import {
  createSimulatedHubSpot,
  SIMULATED_ACCESS_TOKEN,
  type SimulatedHubSpot,
  type SimulatedHubSpotOptions,
} from '../../../local/simulated-hubspot/simulated-hubspot.ts';

/** 7 November 2023, 12:00 UTC. */
export const NOON = Date.UTC(2023, 10, 7, 12);
export const V3 = '/conversations/v3/conversations';
export const DATED = '/conversations/conversations/2026-09';

/** A HubSpot on its best behaviour, with a clock to turn. */
export function simulate(
  options: SimulatedHubSpotOptions = {},
): SimulatedHubSpot & { clock: { now: number } } {
  const clock = { now: NOON };
  const hubspot = createSimulatedHubSpot({
    now: () => clock.now,
    late: { share: 0, maxMs: 0 },
    paging: { shortPages: 0, emptyPages: 0, danglingCursors: 0 },
    ...options,
  });
  return { ...hubspot, clock };
}

type Json = Record<string, unknown>;
export type Page = {
  results: (Json & { id: string; createdAt: string; type: string })[];
  paging?: { next: { after: string; link: string } };
};
export type Answered = { status: number; headers: Record<string, string>; text: string; json: Json };

export function call(
  { handle }: SimulatedHubSpot,
  path: string,
  { method = 'GET', token = SIMULATED_ACCESS_TOKEN, body = '' } = {},
): Answered {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  const answer = handle({ method, path, headers, body });
  const text = answer.body.toString();
  const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson ? (JSON.parse(text) as Json) : {},
  };
}

/** Reads a list to its end as a careful client does: the cursor decoded once, only its absence ends the list. */
export function readPages(
  hubspot: SimulatedHubSpot,
  path: string,
  {
    query = {},
    between = () => undefined,
  }: { query?: Record<string, string>; between?: (page: number) => void } = {},
): Page[] {
  const pages: Page[] = [];
  let after: string | undefined;
  do {
    const parameters = new URLSearchParams(query);
    if (after !== undefined) parameters.set('after', decodeURIComponent(after));
    const { status, text, json } = call(hubspot, `${path}?${parameters.toString()}`);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    const page = json as unknown as Page;
    pages.push(page);
    between(pages.length);
    after = page.paging?.next.after;
  } while (after !== undefined && pages.length < 1000);
  return pages;
}

export function idsOf(pages: readonly Page[]): string[] {
  return pages.flatMap(({ results }) => results.map(({ id }) => id));
}
