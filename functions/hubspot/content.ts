import * as z from 'zod/mini';
import { HubSpotError, UnobtainableError } from '../errors.ts';
import { type HubSpotGet } from './http.ts';

/** What is asked for: where, and how an error calls it. */
export type ContentCall = { portalId: string; path: string; what: string };

/**
 * An answer about a content, parsed.
 * @throws UnobtainableError when asking again at once would change nothing: missing scope, 404, another refusal, an answer
 * of another form; HubSpotError for everything else, an answer that was cut short among it
 */
export async function getContent<T extends z.core.$ZodType>(
  get: HubSpotGet,
  { portalId, path, what }: ContentCall,
  schema: T,
): Promise<z.infer<T>> {
  const text = await getText(get, { portalId, path, what });
  const parsed = z.safeParse(schema, parseWhole(text, what));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'answer');
  throw new UnobtainableError('unusable answer', `the ${what} departs from the API at: ${places.join(', ')}`);
}

async function getText(get: HubSpotGet, { portalId, path, what }: ContentCall): Promise<string> {
  try {
    const { text } = await get(portalId, path);
    if (text !== undefined) return text;
  } catch (error) {
    // A token that is refused is waited out like trouble of HubSpot's own.
    if (!(error instanceof HubSpotError) || error.transient || error.status === 401) throw error;
    const reason = error.status === 403 ? 'missing scope' : 'refused';
    throw new UnobtainableError(reason, error.message, { cause: error });
  }
  throw new UnobtainableError('not found', `HubSpot has no ${what}`);
}

function parseWhole(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: V8 quotes the text in its message.
    throw new HubSpotError(`HubSpot's answer for the ${what} is not JSON`, { transient: true });
  }
}
