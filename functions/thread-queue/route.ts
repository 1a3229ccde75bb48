/**
 * The road that an entry takes. `urgent` ones do not wait behind ordinary work: a thread in HubSpot's trash is purged.
 * `erasure` is the only one on which something is deleted.
 */
export type Route = 'ordinary' | 'urgent' | 'erasure';

const ROUTES: Readonly<Record<string, Route>> = {
  'conversation.deletion': 'urgent',
  'conversation.privacyDeletion': 'erasure',
  'sweep.trash': 'urgent',
};

/** The road of a reason. All reasons of an entry have the same. */
export function routeOf(reason: string | undefined): Route {
  return ROUTES[reason ?? ''] ?? 'ordinary';
}
