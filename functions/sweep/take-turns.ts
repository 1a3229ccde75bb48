const TURN_MS = 5 * 60_000;

/**
 * The accounts in the order of this run. Another one is first every five minutes, because one that waits for the queue may
 * use up the time of those behind it.
 */
export function takeTurns(portals: readonly string[], now: number): string[] {
  const first = Math.floor(now / TURN_MS) % portals.length;
  return [...portals.slice(first), ...portals.slice(0, first)];
}
