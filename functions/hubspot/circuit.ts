import { HubSpotError } from '../errors.ts';

/**
 * Keeps a worker from asking a HubSpot that cannot answer: while it is open, calls fail at once and say how long to wait.
 * One circuit for each account; state of this process alone.
 */
export type Circuit = {
  /**
   * Whether the caller is the one that tries when a pause is over; false while the circuit is closed.
   * @throws HubSpotError with `retryAfterMs` while it is open
   */
  check: (portalId: string) => { isTrial: boolean };
  /** HubSpot gave an answer, whatever it was. */
  closed: (portalId: string) => void;
  /**
   * All attempts at a path failed. Opens the circuit when HubSpot says how long to stay away, or when three different
   * paths have failed with no answer between them: one thread that HubSpot cannot show stops no other. As long as no answer
   * comes it stays open longer each time, also when HubSpot says a second again and again.
   */
  failed: (portalId: string, path: string, error: HubSpotError) => void;
};

const PATHS_TO_OPEN = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 300_000;
// Only one caller tries when a pause is over; the others are sent away while it does. Its call may take 20 s, and must wait
// for its turn before.
const TRIAL_MS = 30_000;

type State = { openUntil: number; pauseMs: number; failingPaths: Set<string> };

/** A closed circuit. */
export function createCircuit(now: () => number): Circuit {
  const states = new Map<string, State>();

  return {
    check: (portalId) => {
      const state = states.get(portalId);
      if (state === undefined || state.openUntil === 0) return { isTrial: false };
      const retryAfterMs = state.openUntil - now();
      if (retryAfterMs > 0) throw leftAlone(portalId, retryAfterMs);
      state.openUntil = now() + TRIAL_MS;
      return { isTrial: true };
    },
    closed: (portalId) => {
      states.delete(portalId);
    },
    failed: (portalId, path, { retryAfterMs }) => {
      const state = states.get(portalId) ?? {
        openUntil: 0,
        pauseMs: FIRST_PAUSE_MS / 2,
        failingPaths: new Set(),
      };
      states.set(portalId, state);
      state.failingPaths.add(path);
      if (retryAfterMs === undefined && state.failingPaths.size < PATHS_TO_OPEN) return;
      const isFirst = state.openUntil === 0;
      state.pauseMs = Math.min(state.pauseMs * 2, LONGEST_PAUSE_MS);
      const leastMs = isFirst && retryAfterMs !== undefined ? 0 : state.pauseMs;
      state.openUntil = now() + Math.max(retryAfterMs ?? 0, leastMs);
    },
  };
}

function leftAlone(portalId: string, retryAfterMs: number): HubSpotError {
  return new HubSpotError(`HubSpot is left alone for account ${portalId}`, { retryAfterMs, transient: true });
}
