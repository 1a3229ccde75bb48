import path from 'node:path';
import { type CaptureDeps, createCaptureThread } from '../functions/archive/capture.ts';
import { createRefreshDirectory } from '../functions/directory/refresh.ts';
import { createActors } from '../functions/directory/resolve-actors.ts';
import { createReadActors } from '../functions/hubspot/actors.ts';
import { createConversations } from '../functions/hubspot/conversations.ts';
import { createListPlaces } from '../functions/hubspot/places.ts';
import { createSources } from '../functions/hubspot/sources.ts';
import { type FolderStore } from './folder-store.ts';
import { type HubSpotAccess } from './hubspot-access.ts';

/** What archiving into a folder works with, besides HubSpot. */
export type FolderArchiverOptions = Pick<CaptureDeps, 'settlingMs'> & {
  store: Omit<FolderStore, 'close'>;
  /** The largest attached file that is archived, in bytes; 0 for none. */
  attachmentMaxBytes: number;
  /** Hosts that attached files may come from besides HubSpot's. Default: none. */
  attachmentHosts?: readonly string[];
};

/** What archives threads into a folder, and what they name. Whoever has the folder decides when each is called. */
export function createFolderArchiver(
  hubSpot: HubSpotAccess,
  { store, settlingMs, attachmentMaxBytes: maxBytes, attachmentHosts = [] }: FolderArchiverOptions,
) {
  const { http, get, post, apiVersion } = hubSpot;
  const { now } = hubSpot.clock;
  const actors = createActors({ store, readActors: createReadActors(post, apiVersion), now });
  // On the archive's own disk: elsewhere, temporary files may be kept in memory.
  const files = { attachmentHosts, maxBytes, folder: path.join(store.folder, '.files') };
  const capture = createCaptureThread({
    conversations: createConversations(get, apiVersion),
    apiVersion,
    store,
    sources: createSources(http, { apiVersion, files: maxBytes > 0 ? files : undefined }),
    settlingMs,
    noteActors: actors.note,
  });
  const refreshDirectory = createRefreshDirectory({
    store,
    listPlaces: createListPlaces(get, apiVersion),
    now,
  });
  return { capture, actors, refreshDirectory };
}
