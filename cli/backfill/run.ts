import { createListThreads } from '../../functions/hubspot/thread-lists.ts';
import { numeral } from '../../local/numeral.ts';
import { type ExitCode } from '../explain-failure.ts';
import { type CountedHubSpot, countedHubSpot } from './counted-hubspot.ts';
import { dryRun } from './dry-run.ts';
import { fillFolder, fillStack } from './fill.ts';
import { type BackfillOptions } from './options.ts';
import { describeSurvey, print, sayFailures, stopped } from './report.ts';
import { showSurvey } from './show-survey.ts';
import { type Failure } from './survey.ts';
import { openTarget, type Target } from './target.ts';

/**
 * `npm run backfill`, until all is done or the signal is aborted. Whatever it throws, what is archived stays, and the next run
 * goes on.
 * @throws ConfigError, HubSpotError, StoreError, and what AWS throws
 */
export async function runBackfill(options: BackfillOptions, signal: AbortSignal): Promise<ExitCode> {
  const { place, isDryRun } = options;
  const connected = countedHubSpot(options);
  // A token that does not work is found out before anything is made or locked.
  await createListThreads(
    connected.hubSpot.get,
    options.apiVersion,
  )({
    portalId: options.portalId,
    archived: false,
    newestMessageFrom: options.since,
  });
  if (isDryRun) return dryRun(options, connected, signal);
  const target = await openTarget(place);
  try {
    return await fill(options, connected, target, signal);
  } finally {
    await target.close();
  }
}

async function fill(
  options: BackfillOptions,
  connected: CountedHubSpot,
  target: Target,
  signal: AbortSignal,
): Promise<ExitCode> {
  const isStopped = () => signal.aborted;
  const found = await showSurvey(options, connected, target.archive, signal);
  if (isStopped()) return stopped(found.lacking.length);
  print(describeSurvey(found));
  const failures: Failure[] = [...found.failures];
  if (found.lacking.length === 0) {
    sayFailures(options.portalId, failures);
    return failures.length > 0 ? 1 : 0;
  }
  const fillTarget = target.kind === 'folder' ? fillFolder(target) : fillStack(target);
  const { done, made } = await fillTarget(options, connected, { found, failures, signal });
  sayFailures(options.portalId, failures);
  if (isStopped()) return stopped(found.lacking.length - done);
  print(`${made}${failures.length === 0 ? '' : `; ${numeral(failures.length)} threads are left`}`);
  return failures.length > 0 ? 1 : 0;
}
