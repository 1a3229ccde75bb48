import { invalidRequest } from './answers.ts';

/** `limit`: a whole number from 1. @throws Refusal 400 above the maximum and on anything that is no number */
export function readLimit(
  query: URLSearchParams,
  { byDefault, max }: { byDefault: number; max: number },
): number {
  const text = query.get('limit');
  if (text === null) return byDefault;
  const limit = Number(text);
  if (!/^\d{1,9}$/.test(text) || limit < 1) throw invalidRequest('limit must be a whole number from 1');
  if (limit > max) throw invalidRequest(`limit must be at most ${max}, it was ${limit}`);
  return limit;
}

/** `archived`: whether only results in the trash are asked for. @throws Refusal 400 */
export function readArchived(query: URLSearchParams): boolean {
  return readOneOf(query, 'archived', ['true', 'false']) === 'true';
}

/** A parameter with a closed list of values; undefined when it is absent. @throws Refusal 400 */
export function readOneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined) throw invalidRequest(`${name} must be one of ${allowed.join(', ')}`);
  return value;
}

/** An instant in ISO 8601, as epoch milliseconds; undefined when it is absent. @throws Refusal 400 */
export function readInstant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(ms)) throw invalidRequest(`${name} must be an instant in ISO 8601`);
  return ms;
}
