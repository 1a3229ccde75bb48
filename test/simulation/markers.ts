/** What no log may ever hold: a part of each planted text, name, address and secret. */
export const MARKERS = {
  text: 'planted-text',
  name: 'Planted Name',
  address: 'planted@example.net',
  token: 'planted-token',
  clientSecret: 'planted-client-secret',
  /** Of bodies and messages of errors that are not ours. */
  error: 'planted-error',
} as const;

// What they have in common, and what every signature looks like: texts without are many, and soon done with.
const ANY_MARKER = /planted/i;
const ANY_SIGNATURE = /[A-Za-z0-9+/]{43}=/g;

/** Which of the markers, and of these signatures, a text holds. */
export function findMarkers(text: string, signatures?: ReadonlySet<string>): string[] {
  const markers = ANY_MARKER.test(text)
    ? Object.values(MARKERS).filter((marker) => text.includes(marker))
    : [];
  const signed = signatures === undefined ? null : text.match(ANY_SIGNATURE);
  return [...markers, ...(signed ?? []).filter((signature) => signatures?.has(signature))];
}

/** Which of the markers, and of some other texts, a text holds. */
export function findTexts(text: string, others: readonly string[]): string[] {
  return [...findMarkers(text), ...others.filter((other) => text.includes(other))];
}
