/**
 * The road that an entry takes. `urgent` ones do not wait behind ordinary work: a thread in HubSpot's trash is purged.
 * `erasure` is the only one on which something is deleted.
 */
export type Route = 'ordinary' | 'urgent' | 'erasure';

/** The reason of an entry that an operator's command has queued: erase, whatever the policy of privacy deletions is. */
export const OPERATOR_ERASURE = 'operator.erasure';
/** The reason of an entry that has every version of a held thread looked at, and held. */
export const HOLD_CHECK = 'hold.check';

const ROUTES: Readonly<Record<string, Route>> = {
  'conversation.deletion': 'urgent',
  'conversation.privacyDeletion': 'erasure',
  'sweep.trash': 'urgent',
  [OPERATOR_ERASURE]: 'erasure',
  [HOLD_CHECK]: 'erasure',
};

/** The road of a reason. All reasons of an entry have the same. */
export function routeOf(reason: string | undefined): Route {
  return ROUTES[reason ?? ''] ?? 'ordinary';
}
