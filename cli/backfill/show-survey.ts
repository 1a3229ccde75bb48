import { createListThreads } from '../../functions/hubspot/thread-lists.ts';
import { numeral } from '../../local/numeral.ts';
import { showProgressLine } from '../../local/progress-line.ts';
import { type CountedHubSpot } from './counted-hubspot.ts';
import { type BackfillOptions } from './options.ts';
import { type Survey, type SurveyDeps, surveyThreads } from './survey.ts';

/** {@link surveyThreads}, with a line of how many threads are listed. */
export async function showSurvey(
  { portalId, since, apiVersion }: BackfillOptions,
  { hubSpot }: CountedHubSpot,
  archive: SurveyDeps['archive'],
  signal: AbortSignal,
): Promise<Survey> {
  let listed = 0;
  const line = showProgressLine(() => `${numeral(listed)} threads listed`);
  try {
    return await surveyThreads({
      ...{ archive, portalId, since, signal },
      listThreads: createListThreads(hubSpot.get, apiVersion),
      onListed: (threads) => (listed = threads),
    });
  } finally {
    line.stop();
  }
}
