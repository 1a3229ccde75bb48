import * as z from 'zod/mini';
import { sweepStateKey } from '../archive/layout.ts';
import { describeObject } from '../archive/parts.ts';
import { type ObjectStore } from '../archive/store.ts';
import { sqlTimestamp } from '../archive/timestamp.ts';
import { ConflictError, CorruptArchiveError } from '../errors.ts';

const timestamp = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/));

const placeSchema = z.object({
  /** When the pass began, by HubSpot's clock. */
  began_at: timestamp,
  /** Threads with a newest message of then or later are listed; null for all. */
  from: z.nullable(timestamp),
  /** Where the list goes on; null for its beginning. */
  cursor: z.nullable(z.string()),
  /** Newest message of the last thread listed so far: where to go on when HubSpot no longer knows the cursor. */
  reached: z.nullable(timestamp),
  /** Threads that were found lacking so far, where the pass keeps them in mind. */
  lacking: z.array(z.string()),
});

const passSchema = z.object({
  /** When the last pass that came to its end began, by HubSpot's clock; null when none has. */
  finished: z.nullable(timestamp),
  /** The pass that has not come to its end. */
  place: z.nullable(placeSchema),
  /** Threads that the last pass found lacking, where it keeps them in mind. */
  lacking: z.array(z.string()),
});

const stateSchema = z.object({
  schema_version: z.literal(1),
  /** Every thread whose newest message is older has been looked at since it came. */
  watermark: timestamp,
  recent: passSchema,
  trash: passSchema,
  full: passSchema,
});

/** Where a pass is. Times in the form of `sqlTimestamp`. */
export type SweepPlace = z.infer<typeof placeSchema>;
/** Where the sweeps of an account are. */
export type SweepState = z.infer<typeof stateSchema>;
/** `recent`: threads with new messages. `trash`: those in HubSpot's trash. `full`: all of some weeks, once more. */
export type PassName = 'trash' | 'recent' | 'full';

/** The state as it was read, and the way to write the one that follows. */
export type OpenState = {
  /** As it is now. */
  state: SweepState;
  /**
   * Writes over what was read or last written.
   * @throws ConflictError when somebody else has written meanwhile; they go on then, and this run must end
   */
  save: (state: SweepState) => Promise<void>;
};

const DAY_MS = 24 * 3_600_000;

/**
 * Where the sweeps of an account are. The first time, it is written at once: history before a day ago is the backfill's
 * business, and that day must not move while HubSpot cannot be asked. The first full round is due after its interval.
 * @throws CorruptArchiveError when the object is no state; ConflictError when two begin at the same moment; StoreError
 */
export async function openSweepState(
  store: Pick<ObjectStore, 'get' | 'put'>,
  { portalId, requestId, now }: { portalId: string; requestId: string; now: () => number },
): Promise<OpenState> {
  const key = sweepStateKey(portalId);
  const object = await store.get(key);
  let etag = object?.etag;

  async function save(state: SweepState): Promise<void> {
    const body = Buffer.from(`${JSON.stringify(state)}\n`);
    const described = describeObject(body, { requestId, fetchStartedAt: sqlTimestamp(new Date(now())) });
    const condition = etag === undefined ? ({ absent: true } as const) : { etag };
    const written = await store.put({ key, body, contentType: 'application/json', condition, ...described });
    etag = written.etag;
    opened.state = state;
  }

  const opened: OpenState = {
    state: object === undefined ? firstState(now()) : parseState(object.body, key),
    save,
  };
  if (object === undefined) await save(opened.state);
  return opened;
}

/** Whether an error says that another run has gone on with the same sweeps. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof ConflictError;
}

function firstState(now: number): SweepState {
  const never = { finished: null, place: null, lacking: [] };
  return {
    schema_version: 1,
    watermark: sqlTimestamp(new Date(now - DAY_MS)),
    recent: never,
    trash: never,
    full: { ...never, finished: sqlTimestamp(new Date(now)) },
  };
}

function parseState(body: Buffer, key: string): SweepState {
  try {
    return z.parse(stateSchema, JSON.parse(body.toString('utf8')));
  } catch {
    // Not begun anew: what was lost since would never be looked for, and nobody would know.
    throw new CorruptArchiveError(`${key} is not the state of a sweep`);
  }
}
