import { createHubSpotAccess, type HubSpotAccess } from '../../local/hubspot-access.ts';
import { type BackfillOptions } from './options.ts';

/** HubSpot, and how often it was called and gave what was asked for. */
export type CountedHubSpot = { hubSpot: HubSpotAccess; counts: { calls: number; answers: number } };

// Beside the Lambdas, which have their own pace: 4 and the 10 by default stay below HubSpot's 19 a second.
const LISTING_PER_SECOND = 4;

/** HubSpot at the pace of this command. Makes no call. */
export function countedHubSpot({
  apiUrl,
  apiVersion,
  accessToken,
  ...options
}: BackfillOptions): CountedHubSpot {
  const counts = { calls: 0, answers: 0 };
  const counted: typeof fetch = async (...call) => {
    counts.calls++;
    const response = await fetch(...call);
    if (response.ok) counts.answers++;
    return response;
  };
  const isListingOnly = 'stack' in options.place && !options.isDryRun;
  const requestsPerSecond = isListingOnly
    ? Math.min(LISTING_PER_SECOND, options.requestsPerSecond)
    : options.requestsPerSecond;
  const access = { apiUrl, apiVersion, accessToken, requestsPerSecond, fetch: counted };
  return { hubSpot: createHubSpotAccess(access), counts };
}
