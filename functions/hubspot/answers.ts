import * as z from 'zod/mini';
import { HubSpotError } from '../errors.ts';
import { parseJson, takeArrayOut } from '../json.ts';

/**
 * Reading what HubSpot answers. Errors say what the answer is for, and nothing that stands in it.
 */

/**
 * The JSON of an answer, with every digit of its integers.
 * @throws HubSpotError when it is not JSON
 */
export function parseAnswer(text: string, what: string): unknown {
  return orNotJson(() => parseJson(text), what);
}

/**
 * A list of `results` without parsing them, so that each keeps the very text that was sent: the rest of the answer, parsed,
 * and the text of each element.
 * @throws HubSpotError when the rest is not JSON
 */
export function parseList(text: string, what: string): { rest: unknown; elements: string[] } {
  return orNotJson(() => takeArrayOut(text, 'results'), what);
}

function orNotJson<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch {
    // No cause: V8 quotes the text in its message.
    throw new HubSpotError(`HubSpot's answer for the ${what} is not JSON`);
  }
}

/** @throws HubSpotError saying also where the answer departs from the API */
export function checkAnswer<T extends z.core.$ZodType>(schema: T, json: unknown, what: string): z.infer<T> {
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'answer');
  throw new HubSpotError(`HubSpot's answer for the ${what} departs from the API at: ${places.join(', ')}`);
}

const restOfPageSchema = z.looseObject({
  results: z.array(z.unknown()),
  paging: z.nullish(z.looseObject({ next: z.nullish(z.looseObject({ after: z.optional(z.string()) })) })),
});

/**
 * A page of a list: the text of each element, and the cursor of the next page, undefined at the end.
 * @throws HubSpotError when the answer is no page of a list
 */
export function readListPage(text: string, what: string): { elements: string[]; cursor: string | undefined } {
  const { rest, elements } = parseList(text, what);
  const after = checkAnswer(restOfPageSchema, rest, what).paging?.next?.after;
  return { elements, cursor: after === undefined ? undefined : decodeCursor(after) };
}

/** Cursors are seen both plain and already percent-encoded; URLSearchParams will encode them once more. */
function decodeCursor(cursor: string): string {
  try {
    return cursor.includes('%') ? decodeURIComponent(cursor) : cursor;
  } catch {
    return cursor;
  }
}
