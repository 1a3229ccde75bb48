import { type CaptureOutcome, type CaptureRequest } from '../archive/capture.ts';
import { type HoldPutter } from '../archive/store.ts';
import { ConflictError } from '../errors.ts';
import { checkHold } from '../holds/check-holds.ts';
import { withHeldWrites } from '../holds/held-writes.ts';
import { type ThreadId } from '../thread-id.ts';
import { HOLD_CHECK, OPERATOR_ERASURE } from '../thread-queue/route.ts';
import { createEraseThread, type EraseDeps, type EraseRequest } from './erase-thread.ts';

// Captures that find no thread any more come again and again, and may write the record whenever it is read here.
const MAX_ATTEMPTS = 5;

const NOTHING_READ = { messages: 0, pages: 0, partsWritten: 0, unseenMessageIds: [] };

/**
 * Erasing, in the place that capturing has on the other roads: the same records, tries and waits. A thread that must be
 * visited again is `unfinished`. A visit that lost against a capture begins anew at once: were it to wait as long as that
 * one does, it would meet it again. On the same road comes the daily look at the versions of a held thread, which is `held`.
 * @param deps `locks` puts legal holds on versions, in a home that has them
 * @throws what {@link createEraseThread} and the store throw; ConflictError when it lost five times in a row
 */
export function createEraseCapture(
  deps: EraseDeps & { locks?: HoldPutter },
): (request: CaptureRequest) => Promise<CaptureOutcome> {
  const { store, eraser, locks } = deps;

  // The record of a held thread is marked: that version is held as any other of it.
  const eraseThread = (request: EraseRequest) =>
    withHeldWrites(store, request, {
      locks,
      work: (held) => createEraseThread({ ...deps, store: held })(request),
    });

  async function visitThread(request: EraseRequest): ReturnType<typeof eraseThread> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await eraseThread(request);
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  async function lookAtHold(id: ThreadId): Promise<CaptureOutcome> {
    if (locks !== undefined) await checkHold({ store, versions: eraser, locks }, id);
    return { status: 'held', ...NOTHING_READ };
  }

  return async ({ portalId, threadId, requestId, reasons = [], announced }) => {
    // Records of one thread are taken together, whatever asked for them; an operator's order counts for more than an event.
    const [first = ''] = reasons.includes(OPERATOR_ERASURE)
      ? [OPERATOR_ERASURE]
      : reasons.filter((reason) => reason !== HOLD_CHECK);
    if (first === '' && reasons.includes(HOLD_CHECK)) return lookAtHold({ portalId, threadId });
    const requestedAt = announced.occurredAt;
    const visit = await visitThread({ portalId, threadId, requestId, event: first, requestedAt });
    const { outcome, versions, locked, againAfterSeconds } = visit;
    return {
      status: againAfterSeconds !== undefined ? 'unfinished' : outcome === 'held' ? 'held' : 'erased',
      ...NOTHING_READ,
      erasure: { versions, locked },
      ...(againAfterSeconds !== undefined && { afterSeconds: againAfterSeconds }),
    };
  };
}
