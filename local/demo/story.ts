import { type GrowthAction, type GrowthOptions, type GrowthStep } from '../simulated-hubspot/growth.ts';

/** What happens in the conversations of the demonstration besides talk: more of it than in most accounts. */
export const HAPPENINGS = {
  edits: 0.05,
  removals: 0.02,
  trashed: 0.08,
  restored: 0.4,
  purged: 0.05,
} satisfies Partial<GrowthOptions>;

// HubSpot announces neither of the first two; and an assignment only if it is to somebody else than before.
const UNANNOUNCED: readonly string[] = ['THREAD_INBOX_CHANGE', 'CALL_SUMMARY', 'ASSIGNMENT'];

/** The steps without what comes in a thread after its last event: nothing would bring that to the archive. */
export function endedByAnEvent(steps: readonly GrowthStep[]): GrowthStep[] {
  const ended = new Set<string>();
  const isKept = ({ threadId, action }: GrowthStep) => {
    if (!isSilent(action)) ended.add(threadId);
    return ended.has(threadId);
  };
  return steps.toReversed().filter(isKept).toReversed();
}

function isSilent(action: GrowthAction): boolean {
  if (action.kind === 'say') return UNANNOUNCED.includes(action.turn.type);
  return action.kind === 'edit' || action.kind === 'remove';
}
