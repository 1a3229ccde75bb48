import { invalidRequest } from './answers.ts';
import { writeJson } from './json-text.ts';
import { type Random } from './random.ts';

/** How often pages are not what a simple client expects. Shares between 0 and 1. */
export type PagingQuirks = {
  /** Pages with fewer results than asked for, although more follow. */
  shortPages: number;
  /** Pages without a result, although more may follow. */
  emptyPages: number;
  /** Last results that come with a cursor nevertheless; the page behind it is empty and has none. */
  danglingCursors: number;
};

/** Where a page begins: a position in the list's own terms, and whether an empty page has been given for it already. */
export type PageStart = { position: string; emptied: boolean };

// A cursor says what list it is for: that of another list, thread or order is refused.
const CURSOR_SHAPE = /^([^|]*)\|([^|]*)\|([01])\n+$/;

/**
 * The cursor as HubSpot gives it: opaque base64 that is already percent-encoded, like the `NTI1Cg%3D%3D` of its
 * documentation. Every cursor ends in such an escape: a client that sends it on without decoding it first sends `%253D`.
 */
export function writeCursor(list: string, { position, emptied }: PageStart): string {
  let text = `${list}|${position}|${emptied ? 1 : 0}\n`;
  if (text.length % 3 === 0) text += '\n'; // else base64 has no padding to escape
  return encodeURIComponent(Buffer.from(text).toString('base64'));
}

/** Where the page behind this cursor begins; undefined for the first page. @throws Refusal 400 */
export function readCursor(query: URLSearchParams, list: string): PageStart | undefined {
  const after = query.get('after');
  if (after === null) return undefined;
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/.test(after);
  const [, forList, position, emptied] =
    CURSOR_SHAPE.exec(isBase64 ? Buffer.from(after, 'base64').toString() : '') ?? [];
  if (position === undefined || forList !== list)
    throw invalidRequest('The paging cursor (after) is not valid');
  return { position, emptied: emptied === '1' };
}

/** What is on a page: how many results, and which page follows, if one does. */
export type PageCut = { count: number; next: 'further on' | 'same place' | 'none' };

/**
 * Decides what a page holds. The same list, position and seed give the same page, however often it is asked for.
 * The quirks never keep a client from the end: an empty page is given once for a place, and a short one has a result.
 */
export function cutPage(
  { random, quirks }: { random: Random; quirks: PagingQuirks },
  {
    list,
    start,
    remaining,
    limit,
  }: { list: string; start: PageStart | undefined; remaining: number; limit: number },
): PageCut {
  const draw = random.fork(`page/${list}/${start?.position ?? ''}`);
  const [isEmpty, isShort, dangles] = [
    draw.chance(quirks.emptyPages),
    draw.chance(quirks.shortPages),
    draw.chance(quirks.danglingCursors),
  ];
  if (isEmpty && start?.emptied !== true) return { count: 0, next: 'same place' };
  const wanted = isShort && limit > 1 ? draw.int(1, limit - 1) : limit;
  const count = Math.min(wanted, remaining);
  const isLast = count === remaining;
  return { count, next: !isLast || (dangles && count > 0) ? 'further on' : 'none' };
}

/** A page's JSON from the texts of its results. `total` stands in some lists only. */
export function writePage(
  texts: readonly string[],
  {
    path,
    query,
    after,
    total,
  }: { path: string; query: URLSearchParams; after: string | undefined; total?: number },
): string {
  const head = total === undefined ? '' : `"total":${total},`;
  const results = `"results":[${texts.join(',')}]`;
  if (after === undefined) return `{${head}${results}}`;
  const others = [...query]
    .filter(([name]) => name !== 'after')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}&`);
  const link = `https://api.hubapi.com${path}?${others.join('')}after=${after}`;
  return `{${head}${results},"paging":{"next":${writeJson({ after, link })}}}`;
}
