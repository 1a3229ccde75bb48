import { type GrowthOptions } from '../simulated-hubspot/growth.ts';

/** What happens in the conversations of the demonstration besides talk: more of it than in most accounts. */
export const HAPPENINGS = {
  edits: 0.05,
  removals: 0.02,
  trashed: 0.08,
  restored: 0.4,
  purged: 0.05,
} satisfies Partial<GrowthOptions>;
