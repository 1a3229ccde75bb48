import { isNotYet } from '../archive/gaps.ts';
import { readTimestamp } from '../archive/fields.ts';
import { type StoredThreadRecord } from '../archive/thread-record.ts';
import { sqlTimestamp, timestampMs } from '../archive/timestamp.ts';
import { type FetchedThread } from '../hubspot/conversations.ts';
import { lackOf } from './lack.ts';
import { type PassName, type SweepPlace, type SweepState } from './state.ts';

/** How often, and how far. Milliseconds. */
export type SweepSettings = {
  /** From one look for new messages to the next. */
  everyMs: number;
  /** From one full round to the next. */
  fullEveryMs: number;
  /** A full round reads the threads whose newest message is no older. */
  fullWindowMs: number;
  /** A thread with a message younger than this is live traffic's. */
  graceMs: number;
};

/** A listed thread, and what there is to decide by. */
export type Listed = {
  listed: FetchedThread;
  record: StoredThreadRecord | undefined;
  /** HubSpot's time of the list answer, and of the first page of the pass; milliseconds. */
  answeredAt: number;
  beganAt: number;
};

/**
 * That a thread is to be read. `occurredAt`: only a fetch that began some time later has seen what is lacking. `missed`: no
 * webhook has brought its newest message. `unarchived`: the archive has no finished snapshot of it as trash.
 */
export type Finding = { occurredAt: number; missed: boolean; unarchived: boolean };

/** One kind of walk through HubSpot's lists. */
export type Pass = {
  name: PassName;
  /** Reason on the queue; `routeOf` sends it on its road. */
  reason: 'sweep' | 'sweep.trash' | 'sweep.full';
  road: 'ordinary' | 'urgent';
  archived: boolean;
  everyMs: (settings: SweepSettings) => number;
  /** From which newest message on it lists, milliseconds; null for all. */
  from: (state: SweepState, settings: SweepSettings, now: number) => number | null;
  /** Undefined when the thread need not be read. Pure. */
  judge: (listed: Listed, settings: SweepSettings) => Finding | undefined;
  /** The state when the pass has come to its end. */
  finish: (state: SweepState, place: SweepPlace, settings: SweepSettings) => SweepState;
};

/** On top of the grace time: how late HubSpot may show a message, at most, for the next look to see it. */
const OVERLAP_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** Every kind, the one that can come too late first. */
export const PASSES: readonly Pass[] = [
  {
    name: 'trash',
    reason: 'sweep.trash',
    road: 'urgent',
    archived: true,
    everyMs: () => DAY_MS,
    from: () => null,
    judge: judgeTrashed,
    finish: (state, place) => ({
      ...state,
      trash: { finished: place.began_at, place: null, lacking: place.lacking },
    }),
  },
  {
    name: 'recent',
    reason: 'sweep',
    road: 'ordinary',
    archived: false,
    everyMs: ({ everyMs }) => everyMs,
    from: ({ watermark }) => timestampMs(watermark) - OVERLAP_MS,
    judge: judgeRecent,
    finish: (state, place, { graceMs }) => {
      const watermark = sqlTimestamp(new Date(timestampMs(place.began_at) - graceMs));
      return {
        ...state,
        watermark: watermark > state.watermark ? watermark : state.watermark,
        recent: { finished: place.began_at, place: null, lacking: [] },
      };
    },
  },
  {
    name: 'full',
    reason: 'sweep.full',
    road: 'ordinary',
    archived: false,
    everyMs: ({ fullEveryMs }) => fullEveryMs,
    from: (_state, { fullWindowMs }, now) => now - fullWindowMs,
    judge: judgeOnceMore,
    finish: (state, place) => ({ ...state, full: { finished: place.began_at, place: null, lacking: [] } }),
  },
];

// A schedule is some seconds early or late.
const SLACK_MS = 60_000;

/** Whether a pass is to be gone on with, or begun. */
export function isPassDue(pass: Pass, state: SweepState, settings: SweepSettings, now: number): boolean {
  const { place, finished } = state[pass.name];
  if (place !== null || finished === null) return true;
  return now - timestampMs(finished) >= pass.everyMs(settings) - SLACK_MS;
}

/** The newest message of a listed thread, in the form of `sqlTimestamp`. */
export function newestMessageOf({ thread }: FetchedThread): string | null {
  return readTimestamp(thread, 'latestMessageTimestamp');
}

function judgeRecent({ listed, record, answeredAt }: Listed, { graceMs }: SweepSettings) {
  const text = newestMessageOf(listed);
  const newest = text === null ? answeredAt : timestampMs(text);
  if (text !== null && newest > answeredAt - graceMs) return undefined;
  const lack = lackOf(record, listed);
  if (lack === undefined) return undefined;
  // A fetch that began after the message and has not seen it does not cover it, nor does one before another change.
  const isSeen = record !== undefined && timestampMs(record.fetch_started_at) > newest;
  return {
    occurredAt: lack === 'changed' || isSeen ? answeredAt : newest,
    missed: lack === 'never archived' || lack === 'newer message',
    unarchived: false,
  };
}

function judgeTrashed({ listed, record, answeredAt }: Listed): Finding | undefined {
  if (typeof record?.erased_at === 'string') return undefined;
  const unarchived =
    record?.['archived'] !== true || record.complete === false || record.gaps?.some(isNotYet) === true;
  if (!unarchived && lackOf(record, listed) === undefined) return undefined;
  return { occurredAt: answeredAt, missed: false, unarchived };
}

function judgeOnceMore({ record, answeredAt, beganAt }: Listed): Finding | undefined {
  if (typeof record?.erased_at === 'string') return undefined;
  const isRead = record !== undefined && record.complete !== false;
  if (isRead && timestampMs(record.fetch_started_at) > beganAt) return undefined;
  return { occurredAt: answeredAt, missed: false, unarchived: false };
}
