/** What can be written as JSON, with `bigint` for integers that a JavaScript number would round. */
export type JsonValue = string | number | bigint | boolean | null | JsonValue[] | JsonObject;
/** A JSON object; a member that is undefined is not written at all. */
export type JsonObject = { [name: string]: JsonValue | undefined };

/**
 * The JSON text of a value, without spaces. A bigint becomes a plain JSON number with every digit, which
 * JSON.stringify cannot do: HubSpot's int64 fields are numbers beyond 2^53 now and then.
 */
export function writeJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${writeJson(member)}`);
  }
  // Joined, not added up: V8 would keep a rope of hundreds of pieces, and every page would pay for unwinding it.
  return `{${members.join(',')}}`;
}
