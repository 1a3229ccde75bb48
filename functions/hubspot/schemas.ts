import * as z from 'zod/mini';

/**
 * What must hold of HubSpot's threads and messages for them to have a place in the archive (shapes:
 * https://github.com/HubSpot/HubSpot-public-api-spec-collection, Conversations, read November 2026). An archive must
 * not refuse what it does not understand: every other field may be missing, unknown or of another type, and is kept.
 */

/** An id, also where HubSpot sends a number. */
export const idSchema = z.union([z.string().check(z.minLength(1)), z.pipe(z.int(), z.transform(String))]);

// With a zone: without one, Date would read it in the machine's own.
const TIMESTAMP_FORM = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/;

// A zone may put one that is written with four digits into the year 10000 or before the year 0.
function isTimestamp(text: string): boolean {
  const year = new Date(TIMESTAMP_FORM.test(text) ? text : NaN).getUTCFullYear();
  return year >= 0 && year <= 9999;
}

/** Any object, as it is: nothing of it is checked or copied. */
export const objectSchema = z.custom<Readonly<Record<string, unknown>>>(
  (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** A message of any type, the six that are documented and those that are not. What it parses to has these fields alone. */
export const messageCoreSchema = z.object({
  id: idSchema,
  createdAt: z.string().check(z.refine(isTimestamp)),
});

/** A thread. */
export const threadSchema = z.looseObject({
  id: idSchema,
  archived: z.catch(z.boolean(), false),
});
export type HubSpotThread = z.infer<typeof threadSchema>;
