import { type Change } from './digest.ts';

/** Some of the changes that no digest lists yet. */
export type TakenChanges = {
  changes: Change[];
  /** Whether there may be more that could be taken now. */
  more: boolean;
  /** To be called when a digest lists them, and not before. What is taken and not acknowledged comes again. */
  acknowledge: () => Promise<void>;
};

/**
 * Where changes wait until a digest lists them. Complete: every write to the archive comes out of it, at least once. What one
 * run has taken, another one does not get until it has been given up.
 */
export type ChangeSource = {
  /** Takes about so many at most. */
  take: (limit: number) => Promise<TakenChanges>;
};
