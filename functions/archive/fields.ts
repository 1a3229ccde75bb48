import { isInTables, sqlTimestamp } from './timestamp.ts';

/**
 * Reads single fields of a foreign object into columns. A field that is missing, or of a type that its column cannot
 * hold, reads as null: the raw text beside it keeps what it was.
 */

/** An object whose fields nobody has vouched for. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * A text, the empty one too. Half of a surrogate pair, such as is left of an emoji that was cut in two, is U+FFFD: as it is it
 * would be no valid JSON, and a query that comes to one such row has no answer at all.
 */
export function readText(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value.toWellFormed() : null;
}

/** An id, also where HubSpot sends a number. Those beyond 2^53 are strings already. */
export function readId(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'number' ? String(value) : readText(fields, name);
}

/** True or false. */
export function readFlag(fields: Fields, name: string): boolean | null {
  const value = fields[name];
  return typeof value === 'boolean' ? value : null;
}

// With a zone: without one, Date would read it in the machine's own.
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/;

/** An ISO-8601 instant, as the tables hold it: of the years 0 to 9999, in UTC. */
export function readTimestamp(fields: Fields, name: string): string | null {
  const text = readText(fields, name) ?? '';
  const instant = new Date(INSTANT.test(text) ? text : NaN);
  return isInTables(instant) ? sqlTimestamp(instant) : null;
}

/** An object; an empty one when there is none. */
export function readObject(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isObject(value) ? value : {};
}

/** The objects of a list; none when there is no list. */
export function readObjects(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
