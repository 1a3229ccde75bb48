import * as z from 'zod/mini';
import { type RowOf } from '../archive/columns/column.ts';
import { type HOLD_COLUMNS } from '../archive/columns/holds.ts';
import { holdKey } from '../archive/layout.ts';
import { describeObject } from '../archive/parts.ts';
import { type ObjectStore } from '../archive/store.ts';
import { sqlTimestamp } from '../archive/timestamp.ts';
import { ConflictError, CorruptArchiveError } from '../errors.ts';
import { type ThreadId } from '../thread-id.ts';

const holdRecordSchema = z.object({
  thread_id: z.string(),
  held: z.boolean(),
  held_since: z.nullable(z.string()),
  cases: z.array(z.string()),
  history: z.array(
    z.object({
      act: z.enum(['add', 'remove']),
      case_name: z.string(),
      done_by: z.string(),
      done_at: z.string(),
      reason: z.string(),
    }),
  ),
  schema_version: z.literal(1),
});

/** The legal holds of a thread, and every act that made them so. Kept for good; nothing is ever taken from its history. */
export type HoldRecord = z.infer<typeof holdRecordSchema> & RowOf<typeof HOLD_COLUMNS>;

/** What somebody does about the hold of a case on a thread. */
export type HoldAct = {
  act: 'add' | 'remove';
  caseName: string;
  /** Who: an ARN, or the name of a user of this machine. */
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
  requestId: string;
};

// Each conflict means that another act got through.
const MAX_ATTEMPTS = 10;

/**
 * The legal holds of a thread; undefined when there never was one.
 * @throws CorruptArchiveError naming the key, when it is not a hold record; what the store throws
 */
export async function readHold(
  store: Pick<ObjectStore, 'get'>,
  id: ThreadId,
): Promise<HoldRecord | undefined> {
  return (await readKnown(store, id))?.hold;
}

/** Whether a thread is held. */
export async function isThreadHeld(store: Pick<ObjectStore, 'get'>, id: ThreadId): Promise<boolean> {
  return (await readHold(store, id))?.held === true;
}

/**
 * Adds an act to the record of a thread, under the condition that nobody else did meanwhile; otherwise once more from the
 * start. An act that changes nothing (a case that holds the thread already, or does not) is not noted. Gives the record as it
 * is then; undefined when there is none and nothing was to be removed.
 * @throws ConflictError after ten lost rounds; CorruptArchiveError; what the store throws
 */
export async function recordHoldAct(
  store: ObjectStore,
  id: ThreadId,
  act: HoldAct,
): Promise<HoldRecord | undefined> {
  for (let attempt = 1; ; attempt++) {
    const known = await readKnown(store, id);
    const isHolding = known?.hold.cases.includes(act.caseName) === true;
    if (isHolding === (act.act === 'add')) return known?.hold;
    const hold = afterAct(id, known?.hold, act);
    const body = Buffer.from(`${JSON.stringify(hold)}\n`);
    try {
      await store.put({
        key: holdKey(id),
        body,
        contentType: 'application/json',
        condition: known === undefined ? { absent: true } : { etag: known.etag },
        ...describeObject(body, { requestId: act.requestId, fetchStartedAt: timeOf(act) }),
      });
      return hold;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function readKnown(
  store: Pick<ObjectStore, 'get'>,
  id: ThreadId,
): Promise<{ hold: HoldRecord; etag: string } | undefined> {
  const key = holdKey(id);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  try {
    return { hold: z.parse(holdRecordSchema, JSON.parse(object.body.toString('utf8'))), etag: object.etag };
  } catch {
    throw new CorruptArchiveError(`${key} is not the record of a legal hold`);
  }
}

function afterAct({ threadId }: ThreadId, before: HoldRecord | undefined, act: HoldAct): HoldRecord {
  const others = (before?.cases ?? []).filter((name) => name !== act.caseName);
  const cases = act.act === 'add' ? [...others, act.caseName].sort() : others;
  const entry = {
    act: act.act,
    case_name: act.caseName,
    done_by: act.by,
    done_at: timeOf(act),
    reason: act.reason,
  };
  return {
    thread_id: threadId,
    held: cases.length > 0,
    held_since: cases.length > 0 ? (before?.held_since ?? timeOf(act)) : null,
    cases,
    history: [...(before?.history ?? []), entry],
    schema_version: 1,
  };
}

function timeOf({ at }: HoldAct): string {
  return sqlTimestamp(new Date(at));
}
