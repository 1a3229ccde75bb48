import { type ThreadAnswer } from '../hubspot/conversations.ts';
import { type CaptureDeps, type CaptureRequest } from './capture.ts';
import { daysOf } from './checkpoint.ts';
import { createEnrichment } from './enrichment.ts';
import { type Fetch } from './merge-pages.ts';
import { type KnownThread } from './thread-record.ts';
import { sqlTimestamp, timestampMs } from './timestamp.ts';

/** A new fetch, or the one that the record says is to be gone on with. */
export function beginFetch(
  deps: Pick<CaptureDeps, 'store' | 'sources' | 'noteActors'>,
  { portalId, threadId, requestId, announced, hasTime = () => true }: CaptureRequest,
  known: KnownThread | undefined,
  { answeredAt, found }: ThreadAnswer,
): Fetch {
  const resume = known?.checkpoint?.resume;
  const fetchStartedAt =
    known !== undefined && resume !== undefined
      ? known.record.fetch_started_at
      : fetchStart(answeredAt, known);
  const subject = { portalId, threadId, requestId, fetchStartedAt, hasTime };
  const readsNoPage = found === undefined || isRead(known);
  return {
    ...subject,
    enrichment: createEnrichment(deps, {
      ...subject,
      known: known?.record.gaps ?? [],
      mustProgress: readsNoPage,
    }),
    gaps: new Map(),
    noteActors: (actorIds) => deps.noteActors?.(portalId, actorIds),
    ledgerDays: new Set(known?.record.parts.map((part) => part.dt)),
    suspectedDays: new Set(daysOf(known?.checkpoint?.newDays)),
    awaited: new Set([...(known?.record.unseen_message_ids ?? []), ...announced.messageIds]),
    missing: new Map(resume?.days.map(([dt, ids]) => [dt, new Set(ids)])),
    firstNewDay: undefined,
    pages: resume?.pages ?? 0,
    stoppedAt: undefined,
  };
}

// By HubSpot's clock, the one clock that all workers share. It shows whole seconds, so a fetch that begins in the same
// second as the last one that is merged is put a millisecond after it.
function fetchStart(answeredAt: number, known: KnownThread | undefined): string {
  const after = known === undefined ? 0 : timestampMs(known.record.fetch_started_at) + 1;
  return sqlTimestamp(new Date(Math.max(answeredAt, after)));
}

/** Whether it is the fetch of an earlier invocation that is gone on with. */
export function isResumed(known: KnownThread | undefined): boolean {
  return known?.checkpoint?.resume !== undefined;
}

/** Whether the history is read to its end, and what is left are originals and files. */
export function isRead(known: KnownThread | undefined): boolean {
  const resume = known?.checkpoint?.resume;
  return resume !== undefined && resume.place === undefined;
}
