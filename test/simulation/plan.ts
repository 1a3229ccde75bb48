import { type PagingQuirks } from '../../local/simulated-hubspot/paging.ts';
import { type TrashReading } from '../../local/simulated-hubspot/call.ts';
import { type Choice } from './choices.ts';

/** A schedule: what HubSpot's users do, who archives it, and what goes wrong meanwhile. The same plan, the same run. */
export type Plan = {
  seed: string;
  settings: Settings;
  steps: Step[];
  episodes: Episode[];
  /** What goes wrong, place by place; absent: as the seed and the shares say. */
  choices?: ReadonlyMap<string, Choice>;
};

/** What does not change during a schedule. Times in milliseconds. */
export type Settings = {
  /** When it begins, since 1970. */
  startAt: number;
  /** Invocations at a time. */
  workers: number;
  /** Whether the workers share a process, as on one machine, or have one each, as in Lambda. */
  oneProcess: boolean;
  /** How far each process's clock is ahead. */
  skews: number[];
  receiverSkew: number;
  visibility: number;
  invocationLimit: number;
  /** How many pages an invocation has time for, at most. */
  mostPages: number;
  coalesce: number;
  /** How long HubSpot gathers events for one webhook request. */
  gatherFor: number;
  batchSize: number;
  requestsPerSecond: number;
  /** How many calls HubSpot allows in any ten seconds; absent: as many as one likes. */
  tenSecondly?: number;
  /** How long a call may take that takes its time. */
  longestCall: number;
  pageSize: number;
  /** Whether a cursor counts messages, so that pages shift when one goes. */
  countingCursors: boolean;
  quirks: PagingQuirks;
  trashReading: TrashReading;
  /** A thread that HubSpot refuses to show, by its number. */
  poison?: number;
  /** How long things still go wrong after the last event: then the records that come again must put all right alone. */
  calmAfter: number;
  /** When the access token is replaced, after the start, and how long it takes the operator to put the new one. */
  newTokenAfter?: number;
  secretLag?: number;
  shares: Shares;
};

/** Which share of the calls of a kind goes wrong, or takes its time. */
export type Shares = Record<'jitter' | 'slow' | 'crash' | 'hubspot' | 'store' | 'queue' | 'webhook', number>;
/** Nothing goes wrong, and nothing takes its time. */
export const NO_SHARES: Shares = { jitter: 0, slow: 0, crash: 0, hubspot: 0, store: 0, queue: 0, webhook: 0 };

/** Pages as a simple client expects them. */
export const NO_QUIRKS: PagingQuirks = { shortPages: 0, emptyPages: 0, danglingCursors: 0 };

/** A time during which HubSpot answers nobody. In milliseconds after the start. */
export type Episode = {
  /** `daily` and `burst` are 429, `down` is 503; or connections end, or nothing comes. */
  kind: 'daily' | 'burst' | 'down' | 'dropping' | 'stalling';
  from: number;
  until: number;
  /** Whether the answers say how long to wait. */
  retryAfter: boolean;
};

/** Something that a user of HubSpot does, so many milliseconds after the start. */
export type Step = { id: number; at: number; thread: number; action: Action };
/** `target` is the id of the step that said the message. */
export type Action =
  | { kind: 'create'; lateMs: number }
  | { kind: 'say'; type: string; lateMs: number; daysAgo: number }
  | { kind: 'edit'; target: number; style: EditStyle }
  | { kind: 'remove'; target: number }
  | { kind: 'trash' }
  | { kind: 'restore' };
/** `stamped` moves `updatedAt`, `silent` does not, `back` silently brings the first text back. */
export type EditStyle = 'stamped' | 'silent' | 'back';
