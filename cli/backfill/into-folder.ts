import { randomUUID } from 'node:crypto';
import { safeReason } from '../../functions/errors.ts';
import { startActorResolver } from '../../local/actor-resolver.ts';
import { createFolderArchiver } from '../../local/folder-archiver.ts';
import { type FolderStore } from '../../local/folder-store.ts';
import { type HubSpotAccess } from '../../local/hubspot-access.ts';
import { archiveThreads, type ArchiveThreadsDeps, concurrencyFor } from './archive-threads.ts';
import { type LackingThread } from './survey.ts';

/** What archiving into a folder takes. */
export type IntoFolderOptions = Pick<
  ArchiveThreadsDeps,
  'portalId' | 'answers' | 'wait' | 'signal' | 'onArchived' | 'onFailed' | 'onWait'
> & {
  store: FolderStore;
  requestsPerSecond: number;
  /** 0 for no files. */
  attachmentMaxBytes: number;
  /** Hears, in a line, of what is beside the threads and could not be archived. */
  onNotice: (notice: string) => void;
};

/**
 * Archives threads straight into a folder, and beside them whom they name and in which inboxes.
 * @throws what {@link archiveThreads} throws, when the work at hand is done
 */
export async function archiveIntoFolder(
  hubSpot: HubSpotAccess,
  options: IntoFolderOptions,
  threads: readonly LackingThread[],
): Promise<void> {
  const { portalId, requestsPerSecond, onNotice } = options;
  // No event is waited for, so HubSpot need not settle.
  const archiver = createFolderArchiver(hubSpot, { ...options, settlingMs: 0 });
  const refreshed = archiver
    .refreshDirectory({ portalId, requestId: randomUUID() })
    .catch((error: unknown) => {
      onNotice(`inboxes and channels not archived, tried again by the next run: ${safeReason(error)}`);
    });
  const resolver = startActorResolver(archiver.actors, onNotice);
  try {
    const { now } = hubSpot.clock;
    const concurrency = concurrencyFor(requestsPerSecond);
    await archiveThreads({ ...options, captureThread: archiver.capture, concurrency, now }, threads);
  } finally {
    await resolver.stop();
    await refreshed;
  }
}
