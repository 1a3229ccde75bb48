/** Where the metrics are. */
export const METRICS_NAMESPACE = 'Threadvault';

/** Names of the metrics, in the namespace `Threadvault`. No dimension but the service: each combination is paid for. */
export const METRICS = {
  eventsReceived: 'EventsReceived',
  eventsIgnored: 'EventsIgnored',
  threadsQueued: 'ThreadsQueued',
  requestsRefused: 'RequestsRefused',
  requestsMalformed: 'RequestsMalformed',
  requestsFailed: 'RequestsFailed',
  threadsArchived: 'ThreadsArchived',
  threadsCovered: 'ThreadsCovered',
  threadsGone: 'ThreadsGone',
  threadsUnfinished: 'ThreadsUnfinished',
  threadsErased: 'ThreadsErased',
  threadsHeld: 'ThreadsHeld',
  versionsErased: 'VersionsErased',
  versionsLocked: 'VersionsLocked',
  partsWritten: 'PartsWritten',
  pagesRead: 'PagesRead',
  recordsReturned: 'RecordsReturned',
  originalsFetched: 'OriginalsFetched',
  attachmentsStored: 'AttachmentsStored',
  attachmentBytes: 'AttachmentBytes',
  gapsNoted: 'GapsNoted',
  scopesMissing: 'ScopesMissing',
  messagesUnseen: 'MessagesUnseen',
  actorsFailed: 'ActorsFailed',
  archiveLagMs: 'ArchiveLag',
} as const;
