import * as z from 'zod/mini';
import { checkAnswer, parseAnswer } from './answers.ts';
import { idSchema, objectSchema } from './schemas.ts';

/** Something that HubSpot has an id for: all that it sent of it, parsed and unchecked, and the very text. */
export type Fetched = { id: string; fields: Readonly<Record<string, unknown>>; raw: string };

const coreSchema = z.object({ id: idSchema });

/**
 * Reads an element of a list.
 * @param what what it is, for the error
 * @throws HubSpotError when it is no object with an id
 */
export function readFetched(raw: string, what: string): Fetched {
  const fields = checkAnswer(objectSchema, parseAnswer(raw, what), what);
  return { id: checkAnswer(coreSchema, fields, what).id, fields, raw };
}
