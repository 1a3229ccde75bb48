import { HubSpotError } from '../../functions/errors.ts';
import { createConversations } from '../../functions/hubspot/conversations.ts';
import { type ExitCode } from '../explain-failure.ts';
import { type CountedHubSpot } from './counted-hubspot.ts';
import { drawSample, measureThread, type Sample } from './estimate.ts';
import { type BackfillOptions } from './options.ts';
import { describeEstimate, describeSurvey, print, sayFailures, stopped } from './report.ts';
import { showSurvey } from './show-survey.ts';
import { openRecords } from './target.ts';

/** Counts, reads some of the threads that lack something, and prints what archiving all of them will take. Writes nothing. */
export async function dryRun(
  options: BackfillOptions,
  connected: CountedHubSpot,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { portalId, apiVersion, attachmentMaxBytes } = options;
  const found = await showSurvey(options, connected, await openRecords(options.place), signal);
  print(describeSurvey(found));
  sayFailures(portalId, found.failures);
  const conversations = createConversations(connected.hubSpot.get, apiVersion);
  const sample: Sample = { costs: [], unread: 0 };
  for (const thread of drawSample(found.lacking)) {
    if (signal.aborted) return stopped(found.lacking.length);
    const withFiles = attachmentMaxBytes > 0;
    try {
      sample.costs.push(await measureThread(conversations, portalId, thread, { withFiles }));
    } catch (error) {
      if (!(error instanceof HubSpotError) || error.status === 401) throw error;
      sample.unread++;
    }
  }
  const { calls } = connected.counts;
  const { requestsPerSecond } = options;
  if (found.lacking.length > 0) print(describeEstimate(found, sample, { requestsPerSecond, calls }));
  return found.failures.length > 0 ? 1 : 0;
}
