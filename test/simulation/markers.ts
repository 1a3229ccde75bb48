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

/** Which of the markers, and of the further secrets, a text holds. */
export function findMarkers(text: string, secrets: Iterable<string> = []): string[] {
  return [...Object.values(MARKERS), ...secrets].filter((marker) => text.includes(marker));
}
